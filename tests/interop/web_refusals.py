"""What a web application refuses, without a question to the server and without a redirect that could loop."""

import urllib.parse

from provider_client import query
from web_application import FIRST_DOOR, LOGIN, NOTHING, TOKEN
from web_flow import is_page, shown


def ends_on_a_page(report, name, response, status):
    """A page for people, with a link at most: nothing leads on by itself."""
    report.equal(f"{name} is a page", (response.status, is_page(response), response.header("Location")),
                 (status, True, None))
    report.equal(f"{name} sets no cookie", [cookie[0] for cookie in response.cookies() if cookie[1]], [])


def callbacks(report, web, anne, stranger):
    """Callbacks that were good elsewhere, that were good before, and that never were."""
    callback = anne.visit(anne.begin_login("/auth/login"))
    login = anne.cookies("login")
    with web.asks("another browser's callback", NOTHING):
        ends_on_a_page(report, "a callback in another browser", stranger.open(callback, "cross-site"), 400)
    with web.asks("a callback", LOGIN):
        report.equal("it is still good in its own, once", anne.open(callback, "cross-site").status, 303)
    with web.asks("callbacks that are not", NOTHING):
        ends_on_a_page(report, "the same callback again", anne.open(callback, "cross-site"), 400)
        anne.takes_back(login)
        ends_on_a_page(report, "the same callback with the login's cookie put back", anne.open(callback), 400)
        for name, spoilt in FLAWS.items():
            good = query(anne.visit(anne.begin_login("/auth/login")))
            parameters = urllib.parse.urlencode(spoilt(good["code"], good["state"]))
            answer = anne.open(f"/auth/callback?{parameters}", "cross-site")
            ends_on_a_page(report, f"a callback with {name}", answer, 400)
    anne.loses(anne.cookies("login"))
    report.equal("none of them ended the session", shown(anne.open("/account")), (200, anne.user["id"]))


# What becomes of a callback that nobody has opened yet.
FLAWS = {
    "a forged state": lambda code, state: [("code", code), ("state", ("A" if state[0] != "A" else "B") + state[1:])],
    "no state": lambda code, state: [("code", code)],
    "two states": lambda code, state: [("code", code), ("state", state), ("state", state)],
    "two codes": lambda code, state: [("code", code), ("code", code), ("state", state)],
    "no code": lambda code, state: [("state", state)],
}


def errors(report, web, anne):
    """The server's own words, each letter a parameter of its own, end on a page that does not repeat them."""
    login = query(anne.begin_login("/auth/login?return_to=/account"))
    words = [("error", "access_denied"), *(("error_description", letter) for letter in "<b>Walled</b>")]
    parameters = urllib.parse.urlencode([*words, ("state", login["state"])])
    with web.asks("an error of the server", NOTHING):
        answer = anne.open(f"/auth/callback?{parameters}", "cross-site")
    ends_on_a_page(report, "an error of the server", answer, 400)
    report.that("which repeats nothing of it", b"Walled" not in answer.body and b"access_denied" not in answer.body)
    report.equal("that login is over", anne.cookie_names("login"), [])


def consent(report, web, bob):
    """For a client of somebody else: the person is asked, says no, and then yes."""
    with web.asks("a consent that is refused", FIRST_DOOR):
        callback = bob.visit(bob.begin_login("/account"), deny=True)
        sent = urllib.parse.parse_qsl(urllib.parse.urlsplit(callback).query)
        pieces = sum(name == "error_description" for name, _ in sent)
        report.that("the server says no in many pieces", pieces > 1 and "code" not in dict(sent), f"{pieces} pieces")
        denied = bob.open(callback, "cross-site")
    ends_on_a_page(report, "a consent that is refused", denied, 400)
    report.equal("nobody is logged in", bob.cookie_names("session"), [])
    page, address = bob.go("/account?again=1")
    report.equal("who says yes then is", (shown(page), address), ((200, bob.user["id"]), "/account?again=1"))


def other_sites(report, web, anne):
    with web.asks("what other sites send", NOTHING):
        for path in ("/auth/logout", "/account/refresh"):
            answer = anne.posts(path, "cross-site")
            # In JSON or on a page of the application's: the code is in both.
            report.equal(f"POST {path} from another site",
                         (answer.status, b"cross_site" in answer.body, answer.cookies()), (403, True, []))
        answer = anne.open("/auth/logout")
        report.equal("GET /auth/logout", (answer.status, answer.header("Allow"), answer.cookies()), (405, "POST", []))
    report.equal("the session is still there", shown(anne.open("/account")), (200, anne.user["id"]))


def weaker_than_asked(report, web, anne):
    """The way to the server leads through the browser, which can take the wish for a level out of it."""
    anne.go("/auth/login?return_to=/account")
    session = {cookie.value for cookie in anne.cookies("session")}
    url = anne.begin_login("/settings")
    report.that("the settings want a level", "&acr_values=1" in url)
    with web.asks("a login that is weaker than asked", {("POST", TOKEN): 1}):
        answer = anne.open(anne.visit(url.replace("&acr_values=1", "")), "cross-site")
    ends_on_a_page(report, "a login that is weaker than asked", answer, 403)
    report.that("the session is what it was", {cookie.value for cookie in anne.cookies("session")} == session)
    report.equal("and good for what it was good for", shown(anne.open("/account")), (200, anne.user["id"]))
    report.equal("the settings still want a login", anne.open("/settings").status, 303)
