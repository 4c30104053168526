"""Tokens of the real server: signed in as a person would, through our own provider client."""

import base64
import dataclasses
import json
import sys

from login_client import LoginClient

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
        with LoginClient(self.server, client, self.server.state) as ours:
            answer = ours.do("exchange", callback=self.visit(ours.authorize(scopes=scope.split())))
        if "error" in answer:
            raise RuntimeError(f"the login failed: {answer['error']}")
        return self.remember(answer)

    def visit(self, url, deny=False):
        """What the person does: signs in, consents or not. Returns where the server sends the browser then."""
        return self.browser.login(url, self.user["email"], self.user["password"], deny)

    def remember(self, answer):
        self.seen += [answer["access_token"], answer["id_token"]]
        return Tokens(answer["access_token"], answer["id_token"])


def tampered(token):
    """The same token with another signature of the same length."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def unsigned(token):
    """The same claims under `alg: none`, without a signature."""
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."
