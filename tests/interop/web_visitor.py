"""A person with a browser at a web application: what it sends by itself, what it keeps, and where it is led."""

import collections
import copy
import urllib.error
import urllib.parse
import urllib.request

import http_client
from tokens import SignIn

NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate",
              "Sec-Fetch-Dest": "document"}
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
MOST_REDIRECTS = 6
# Shorter values are found everywhere.
SECRET_LENGTH = 16


class WebVisitor(SignIn):
    """Cookies know no ports: application and server are on one host here, and each gets the other's too."""

    def __init__(self, server, user, app_url):
        super().__init__(server, user, [])
        self.app_url, self.secrets = app_url, set()

    def open(self, path, site="none"):
        """A navigation to a page of the application; `site` is where the link stood. Redirects are not followed."""
        return self._ask("GET", path, NAVIGATION | {"Sec-Fetch-Site": site})

    def script_gets(self, path):
        return self._ask("GET", path, SCRIPT | {"Sec-Fetch-Site": "same-origin"})

    def posts(self, path, site="same-origin"):
        """Sends a form without fields."""
        return self._ask("POST", path, NAVIGATION | {"Sec-Fetch-Site": site}, b"")

    def _ask(self, method, path, headers, body=None):
        request = urllib.request.Request(urllib.parse.urljoin(self.app_url, path), body, headers, method=method)
        try:
            answer = self.browser.opener.open(request, timeout=http_client.DEADLINE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            response = http_client.Response(answer.status, answer.headers.items(), answer.read())
        self._keep_in_mind(value for _, value, _ in response.cookies())
        return response

    def begin_login(self, path):
        """Opens a page that wants a login, or the login itself; where at the server the browser is sent to."""
        for _ in range(2):
            path = self.open(path, "same-origin").header("Location") or ""
            if self._is_door(path):
                return path
        raise RuntimeError("no login began")

    def visit(self, url, deny=False):
        callback = super().visit(url, deny)
        self._keep_in_mind(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(callback).query)).values())
        return callback

    def go(self, path):
        """Opens a page and goes wherever that leads, the server's pages included; the last answer and its address."""
        address, site = urllib.parse.urljoin(self.app_url, path), "same-origin"
        for _ in range(MOST_REDIRECTS):
            response = self.open(address, site)
            if response.status != 303:
                return response, address.removeprefix(self.app_url)
            address = urllib.parse.urljoin(address, response.header("Location"))
            if self._is_door(address):
                address, site = self.visit(address), "cross-site"
        raise RuntimeError(f"more than {MOST_REDIRECTS} redirects, the last one to {address.partition('?')[0]}")

    def _is_door(self, address):
        return address.startswith(f"{self.server.base_url}/authorize?")

    def leaves_by(self, url):
        """Follows the application to the server's logout; where the server sends the browser then."""
        _, headers, _ = self.browser.request(url)
        return headers.get("Location")

    def passwords_given(self):
        return self.requests_to_server()["POST", "/login"]

    def requests_to_server(self):
        """What this browser itself has asked the server, as the server logs it."""
        steps = (step.split(" ", 2)[:2] for step in self.browser.steps)
        return collections.Counter((method, urllib.parse.urlsplit(url).path) for method, url in steps)

    def cookies(self, kind):
        """The application's cookies of one kind: `session` or `login`."""
        return [copy.copy(cookie) for cookie in self.browser.cookies if cookie.name.startswith(f"portcullis-{kind}-")]

    def cookie_names(self, kind):
        return sorted(cookie.name for cookie in self.cookies(kind))

    def takes_back(self, cookies):
        for cookie in cookies:
            self.browser.cookies.set_cookie(cookie)

    def loses(self, cookies):
        for cookie in cookies:
            self.browser.cookies.clear(cookie.domain, cookie.path, cookie.name)

    def _keep_in_mind(self, values):
        self.secrets |= {value for value in values if len(value) >= SECRET_LENGTH}
