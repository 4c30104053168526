"""Tokens of the real server: sign in as a person would, then a token request of our own."""

import base64
import dataclasses
import json
import secrets
import sys
import urllib.parse

import http_client

SCOPE = "openid castles"


def decode(token):
    """Header and claims of a JWS, not verified: the checks only look at them."""
    header, payload, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload))


@dataclasses.dataclass(frozen=True, repr=False)
class Tokens:
    access: str
    id: str

    @property
    def claims(self):
        return decode(self.access)[1]

    @property
    def key_id(self):
        return decode(self.access)[0]["kid"]


class SignIn:
    """One browser at the server. Its first login asks for the password (acr 1), later ones reuse that session (0)."""

    def __init__(self, server, user, seen):
        if str(server.scripts) not in sys.path:
            sys.path.append(str(server.scripts))
        import login  # from the server's scripts

        self.server, self.user, self.seen = server, server.user(user), seen
        self.browser = login.Browser()

    def tokens(self, client="confidential", scope=SCOPE):
        """Runs the code flow for a client; every token made is remembered in `seen`."""
        client, state = self.server.client(client), secrets.token_urlsafe()
        query = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": client["redirect_uris"][0],
                 "scope": scope, "state": state, "nonce": secrets.token_urlsafe()}
        callback = self.browser.login(f"{self.server.base_url}/authorize?{urllib.parse.urlencode(query)}",
                                      self.user["email"], self.user["password"])
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(callback).query))
        if answer.get("state") != state or "code" not in answer:
            raise RuntimeError(f"the login came back without our state or a code: {sorted(answer)}")
        return self._exchange(client, answer["code"])

    def _exchange(self, client, code):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client["redirect_uris"][0],
                "client_id": client["client_id"], "client_secret": client["client_secret"]}
        response = http_client.request("POST", f"{self.server.base_url}/api/token",
                                       [("Content-Type", "application/x-www-form-urlencoded")],
                                       urllib.parse.urlencode(form).encode())
        if response.status != 200:
            raise RuntimeError(f"the token request was answered {response.status} {response.body[:200]!r}")
        body = response.json()
        self.seen += [body["access_token"], body["id_token"]]
        return Tokens(body["access_token"], body["id_token"])


def tampered(token):
    """The same token with another signature of the same length."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def unsigned(token):
    """The same claims under `alg: none`, without a signature."""
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."
