"""A way to the server by another name and port, on which everything can be overheard."""

import http.server
import threading
import urllib.parse

import http_client

# Made anew on each side of the relay.
ONE_HOP = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
SECRETS = {"code", "code_verifier", "client_secret", "access_token", "id_token", "refresh_token"}


class Relay:
    """Passes requests on to the server, unchanged but for their address; a context manager."""

    def __init__(self, server):
        self.server, self.requests, self.overheard = server, [], set()
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                relay.pass_on(self, None)

            def do_POST(self):
                relay.pass_on(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_):
                """The server has a log already."""

        self.listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.listener.server_close()

    @property
    def settings(self):
        """What leads an application here: the server knows itself by another name than that of the relay."""
        return {"PORTCULLIS_INTERNAL_URL": f"http://localhost:{self.listener.server_port}",
                "PORTCULLIS_INTERNAL_HOST": self.host}

    @property
    def host(self):
        return urllib.parse.urlsplit(self.server.base_url).netloc

    def pass_on(self, request, body):
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in ONE_HOP]
        answer = http_client.request(request.command, self.server.base_url + request.path, headers, body)
        self._overhear(request, body, answer)
        request.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ONE_HOP | {"date", "server"}:
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer.body)))
        request.end_headers()
        request.wfile.write(answer.body)

    def _overhear(self, request, body, answer):
        form = dict(urllib.parse.parse_qsl((body or b"").decode()))
        said = answer.json() if request.path == "/api/token" else None
        # The handler of a connection goes on to its next request: nothing here may depend on it.
        self.requests.append((request.path, request.headers, form))
        authorization = request.headers.get("Authorization")
        if authorization:
            self.overheard.add(("Authorization", authorization.split(" ")[-1]))
        for fields in (form, said if isinstance(said, dict) else {}):
            self.overheard |= {(name, value) for name, value in fields.items() if name in SECRETS}

    @property
    def secrets(self):
        return {value for _, value in self.overheard}

    def token_requests(self):
        """The forms that the token endpoint got, and whether each came with an `Authorization` header."""
        return [(form, "Authorization" in headers) for path, headers, form in self.requests if path == "/api/token"]

    def hosts(self):
        """The names by which the server was asked."""
        return {name for _, headers, _ in self.requests for name in headers.get_all("Host")}
