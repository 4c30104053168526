"""A client of WebDriver (https://www.w3.org/TR/webdriver2/), as much of it as the scenarios need."""

import base64
import json
import pathlib
import urllib.error
import urllib.request

# One command of WebDriver waits for a page to load, so this is longer than PAGE_DEADLINE.
COMMAND_DEADLINE = 60
PAGE_DEADLINE = 20
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class WebDriverError(Exception):
    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message.splitlines()[0] if message else ''}")
        self.kind = kind


class Browser:
    """One browser with a profile of its own; a context manager that closes it."""

    def __init__(self, driver_url, capabilities):
        self.driver_url = driver_url
        started = self._send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = f"/session/{started['sessionId']}"

    def __enter__(self):
        self.call("POST", "/timeouts", {"pageLoad": PAGE_DEADLINE * 1000, "script": PAGE_DEADLINE * 1000})
        return self

    def __exit__(self, *_):
        self.call("DELETE", "")

    def forget_everything(self):
        """Leaves one new tab, without a past, and nothing of what sites have stored."""
        before = self.call("GET", "/window/handles")
        new = self.new_tab()
        for handle in before:
            self.switch_to(handle)
            self.call("DELETE", "/window")
        self.switch_to(new)
        self.devtools("Network.clearBrowserCookies")
        self.devtools("Network.clearBrowserCache")
        self.console()

    def call(self, method, path, body=None):
        return self._send(method, self.session + path, body)

    def _send(self, method, path, body=None):
        data = json.dumps({} if body is None else body).encode() if method == "POST" else None
        request = urllib.request.Request(self.driver_url + path, data, {"Content-Type": "application/json"},
                                         method=method)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=COMMAND_DEADLINE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(value["error"], value["message"]) from None

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def back(self):
        self.call("POST", "/back")

    def reload(self):
        self.call("POST", "/refresh")

    @property
    def url(self):
        return self.call("GET", "/url")

    @property
    def title(self):
        return self.call("GET", "/title")

    @property
    def source(self):
        return self.call("GET", "/source")

    def find(self, css):
        """The first element that matches, None without one."""
        found = self.call("POST", "/elements", {"using": "css selector", "value": css})
        return found[0][ELEMENT] if found else None

    def text(self, css):
        """The text of the first element that matches as a reader sees it, None without one."""
        element = self.find(css)
        return element and self.call("GET", f"/element/{element}/text")

    def click(self, css):
        element = self.find(css)
        if element is None:
            raise WebDriverError("no such element", f"{css} on {self.url}")
        self.call("POST", f"/element/{element}/click")

    def run(self, script, *args):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(args)})

    def cookies(self):
        """The cookies that a request for the page's URL would carry, those that no script sees included."""
        return self.call("GET", "/cookie")

    def delete_cookie(self, name):
        self.call("DELETE", f"/cookie/{name}")

    def set_cookie(self, cookie):
        """Gives the browser a cookie that it had; a page of its host has to be shown."""
        self.call("POST", "/cookie", {"cookie": cookie})

    def in_frame(self, script):
        """What a script says in the page's first frame."""
        self.call("POST", "/frame", {"id": 0})
        try:
            return self.run(script)
        finally:
            self.call("POST", "/frame", {"id": None})

    def tab(self):
        return self.call("GET", "/window")

    def new_tab(self):
        """Opens a tab and goes there; its handle."""
        handle = self.call("POST", "/window/new", {"type": "tab"})["handle"]
        self.switch_to(handle)
        return handle

    def switch_to(self, handle):
        self.call("POST", "/window", {"handle": handle})

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def console(self):
        """What the console has got since it was last asked."""
        return self.call("POST", "/se/log", {"type": "browser"})

    def screenshot(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.call("GET", "/screenshot")))
