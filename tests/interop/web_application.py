"""The web example for one client of the server, and what it asks there."""

import collections
import contextlib

from admission import DISCOVERY, KEYS, USERINFO
from application import Application
from server import RequestCounter
from waiting import wait_until
from web_visitor import WebVisitor

TOKEN = "/api/token"
LOGIN = {("POST", TOKEN): 1, ("GET", USERINFO): 1}
# Where to send a browser is asked once, and the keys when the first token comes.
FIRST_DOOR = {("GET", DISCOVERY): 1}
FIRST_LOGIN = FIRST_DOOR | {("GET", KEYS): 1} | LOGIN
REFRESH = LOGIN
NOTHING = {}
# Any scope is granted as it was asked for; a refresh token comes only with offline_access.
SCOPES = "openid offline_access"


class WebApplication:
    """A context manager: the application runs inside it, and the server knows its address."""

    def __init__(self, report, server, executable, folder, name, client, settings):
        self.report, self.server, self.client = report, server, client
        self.visitors = []
        settings = server.environment(client) | server.secret(client) | {"PORTCULLIS_SCOPES": SCOPES} | settings
        self.process = Application(executable, settings, folder, name)

    def __enter__(self):
        self.process.__enter__()
        try:
            self.server.register(self.client, f"{self.url}/auth/callback")
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()

    @property
    def url(self):
        return self.process.url

    def visitor(self, user):
        """Somebody whose browser has never been anywhere."""
        visitor = WebVisitor(self.server, user, self.url)
        self.visitors.append(visitor)
        return visitor

    @contextlib.contextmanager
    def asks(self, name, expected):
        """Checks that the application asks the server for exactly this meanwhile."""
        wait_until(lambda: min(self._asked().values(), default=0) >= 0, 3)
        before = self._asked()

        def since():
            now = self._asked()
            return {kind: now[kind] - before[kind] for kind in now.keys() | before.keys()
                    if now[kind] != before[kind]}

        yield
        wait_until(lambda: since() == expected, 3)
        wait_until(lambda: since() != expected, RequestCounter.SETTLE)
        self.report.equal(f"{name}: requests to the server", since(), expected)

    def _asked(self):
        """All requests to the server but those of the browsers; below zero is what it has not logged yet."""
        asked = self.server.requests()
        for visitor in self.visitors:
            asked.subtract(visitor.requests_to_server())
        return collections.Counter({kind: number for kind, number in asked.items() if number})

    @property
    def secrets(self):
        """What must not be found in the output: everything that a browser got to keep or to carry."""
        return {secret for visitor in self.visitors for secret in visitor.secrets} \
            | set(self.server.secret(self.client).values())
