"""HTTP as the checks need it: every header seen as sent, no redirects, no retries, a deadline."""

import dataclasses
import http.client
import json
import re
import urllib.parse

DEADLINE = 20


@dataclasses.dataclass(frozen=True)
class Response:
    status: int
    headers: list
    body: bytes

    def header(self, name):
        """The values of a header, joined; None when it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def json(self):
        """The body as JSON; None when it is not JSON, so that a check fails instead of the run."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def cookies(self):
        """What `Set-Cookie` says: name, value and the set of attributes, each as it was sent."""
        sent = [value.split("; ") for key, value in self.headers if key.lower() == "set-cookie"]
        return [(*pair.split("=", 1), set(attributes)) for pair, *attributes in sent]

    def challenge(self):
        """`WWW-Authenticate` as (scheme, parameters); (None, {}) when it is absent."""
        value = self.header("WWW-Authenticate")
        if value is None:
            return None, {}
        return value.split(" ", 1)[0], dict(re.findall(r'([a-z_]+)="([^"]*)"', value))


def request(method, url, headers=(), body=None):
    """Sends `headers`, a list of pairs, exactly as given: one name may stand there twice."""
    parts = urllib.parse.urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=DEADLINE)
    try:
        connection.putrequest(method, target)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        elif method == "POST":
            connection.putheader("Content-Length", "0")
        connection.endheaders(body)
        answer = connection.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def bearer(token):
    return [("Authorization", f"Bearer {token}")]
