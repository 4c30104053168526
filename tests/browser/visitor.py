"""What a person with a browser does at the demo, and what is looked at on the way."""

import re
import urllib.parse

import page
from waiting import wait_until

ARRIVAL_DEADLINE = 15
PROVIDER_COOKIE = "development-provider-"


class Visitor:
    """A person at one application. `album` takes the screenshots."""

    def __init__(self, browser, app_url, report, album):
        self.browser, self.app_url, self.report, self.album = browser, app_url, report, album

    def open(self, path):
        self.browser.open(self.app_url + path)

    def follows(self, css):
        """Clicks what leads away, and waits for the next page: it may have the same address."""
        self.browser.run("window.isLeftBehind = true")
        self.browser.click(css)
        wait_until(lambda: not self.browser.run("return window.isLeftBehind") and self.is_loaded(), ARRIVAL_DEADLINE)

    def arrives_at(self, name, path):
        """Waits until exactly this address of the application is shown, and complete."""
        wanted = self.app_url + path
        wait_until(lambda: self.browser.url == wanted and self.is_loaded(), ARRIVAL_DEADLINE)
        return self.report.equal(name, self.browser.url, wanted)

    def arrives_below(self, name, path):
        """The same, for an address whose query is somebody else's business."""
        wanted = self.app_url + path
        wait_until(lambda: self.address() == wanted and self.is_loaded(), ARRIVAL_DEADLINE)
        return self.report.equal(name, self.address(), wanted)

    def is_at_the_application(self):
        return self.browser.url.startswith(self.app_url + "/")

    def is_loaded(self):
        return self.browser.run("return document.readyState") == "complete"

    def address(self):
        return urllib.parse.urldefrag(self.browser.url).url.partition("?")[0]

    def is_asked_to_sign_in(self, name):
        """The provider's page is shown: another origin than the application's, with a button for each user."""
        wait_until(lambda: self.browser.find("button[value=alice]"), ARRIVAL_DEADLINE)
        is_asked = not self.is_at_the_application() and self.browser.find("button[value=alice]")
        return self.report.that(name, is_asked, self.browser.url)

    def chooses(self, user):
        """Answers the provider's login page."""
        self.follows(f"button[value={user}]")

    def signs_in(self, user, path):
        """Opens a page of the application and signs in for it."""
        self.open(path)
        self.is_asked_to_sign_in(f"{user} is asked to sign in for {path}")
        self.chooses(user)
        return self.arrives_at(f"{user} is back at {path}", path)

    def signs_out(self):
        self.follows("header form button")
        self.arrives_below("signing out ends at the page that says so", "/auth/logged-out")

    def subject(self):
        return self.browser.text("#sub")

    def status(self):
        """The HTTP status of the page that is shown."""
        return self.browser.run("return performance.getEntriesByType('navigation')[0].responseStatus")

    def own_cookies(self):
        """The application's cookies; those of a provider on the same host belong to somebody else."""
        return [cookie for cookie in self.browser.cookies() if not cookie["name"].startswith(PROVIDER_COOKIE)]

    def session_cookies(self):
        """Those of a session; a login that is on its way has a cookie too."""
        return [cookie for cookie in self.own_cookies() if "session" in cookie["name"]]

    def loses_the_application_cookies(self):
        for cookie in self.own_cookies():
            self.browser.delete_cookie(cookie["name"])

    def is_nobody_with(self, name, cookies):
        """Who has kept the cookies of a session that is over has nothing."""
        self.open("/status")
        for cookie in cookies:
            self.browser.set_cookie(cookie)
        self.report.equal(f"{name}: they are sent", self.session_values(), sorted(kept["value"] for kept in cookies))
        self.open("/")
        self.report.that(name, self.is_offered_to_sign_in() and self.subject() is None, self.browser.url)

    def session_values(self):
        return sorted(cookie["value"] for cookie in self.session_cookies())

    def is_offered_to_sign_in(self):
        return self.browser.find("a[href^='/auth/login']")

    def sees_nothing_on_the_way_back(self, user, steps):
        """The way back that a browser offers to whoever comes next."""
        for number in range(1, steps + 1):
            self.browser.back()
            wait_until(self.is_loaded, ARRIVAL_DEADLINE)
            name = f"the back button, pressed {number} times,"
            if self.is_at_the_application():
                self.shows_nothing_of(f"{name} shows nothing private", user)
            else:
                self.is_asked_to_sign_in(f"{name} leads to the login")

    def looks(self, name, status=200):
        """Checks the page that is shown, on a desk and on a telephone, and keeps pictures of it: once in a run."""
        self.report.equal(f"{name}: its status is {status}", self.status(), status)
        if not self.album.has(name):
            page.is_sound(self.report, name, self.browser)
            self.album.keep(self.browser, name)

    def shows_nothing_of(self, name, user):
        """No trace of the user in the page that is shown."""
        source = self.browser.source
        found = re.search(rf"{user}@example\.com|{user} [A-Z]|id=\"sub\"", source, re.IGNORECASE)
        return self.report.that(name, not found, found and f"found {found.group(0)!r} at {self.browser.url}")
