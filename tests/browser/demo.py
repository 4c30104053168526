"""The demo as a stranger sees it: with its own provider."""

import urllib.parse

import page
from waiting import wait_until


def front_door(visitor):
    report, browser = visitor.report, visitor.browser
    visitor.open("/")
    visitor.looks("home of a stranger")
    report.that("a stranger is offered to sign in", visitor.is_offered_to_sign_in())
    report.that("a stranger is not greeted as somebody", visitor.subject() is None)
    report.equal("a stranger gets no cookie", visitor.own_cookies(), [])
    visitor.open("/status")
    report.equal("the status page needs no login", visitor.status(), 200)
    visitor.open("/nowhere")
    visitor.looks("no such page", 404)
    report.that("a page that is not there is no login", visitor.is_at_the_application(), browser.url)


def deep_link(visitor):
    report, browser = visitor.report, visitor.browser
    visitor.open("/castles?x=1")
    visitor.is_asked_to_sign_in("a stranger is asked to sign in")
    visitor.looks("sign in at the provider")
    visitor.chooses("alice")
    visitor.arrives_at("alice is back at the link that she followed", "/castles?x=1")
    visitor.looks("castles for alice")
    report.equal("alice sees the castles", "Josselin" in (browser.text("main") or ""), True)
    report.equal("the page says who she is", visitor.subject(), "alice")
    session = visitor.own_cookies()
    report.equal("one cookie is left of the login", len(session), 1)
    report.that("no script can read it", all(cookie["httpOnly"] for cookie in session))
    report.that("no other site can post with it", all(cookie["sameSite"] == "Lax" for cookie in session))
    report.equal("scripts see no cookie", browser.run("return document.cookie"), "")
    visitor.open("/")
    visitor.looks("home of alice")
    report.that("alice is greeted by her name", "Alice" in browser.text("h1"), browser.text("h1"))


def account(visitor):
    report, browser = visitor.report, visitor.browser
    visitor.open("/account")
    visitor.looks("account of alice")
    shown = browser.text("main") or ""
    for what, words in (("subject", "alice"), ("name", "Alice Liddell"), ("e-mail", "alice@example.com"),
                        ("permissions", "castles:read"), ("permissions", "castles:create")):
        report.that(f"the account page shows the {what} {words}", words in shown)
    report.equal("the subject stands where it can be found", visitor.subject(), "alice")


def refresh(visitor):
    """New tokens do not change who is signed in, and a second click does not spend a token twice."""
    report, browser = visitor.report, visitor.browser
    visitor.open("/account")
    for times in ("once", "twice"):
        visitor.follows("main form button")
        visitor.arrives_at(f"a session that is refreshed {times} is back at the account", "/account")
        report.equal("and still alice's", visitor.subject(), "alice")
    report.equal("with one session", len(visitor.session_cookies()), 1)


def leaving(visitor):
    """Sign-out, and the way back that a browser offers."""
    report, browser = visitor.report, visitor.browser
    visitor.open("/account")
    kept = visitor.session_cookies()
    visitor.signs_out()
    visitor.looks("signed out")
    report.equal("no cookie is left", visitor.own_cookies(), [])
    visitor.shows_nothing_of("the last page shows nothing private", "alice")
    visitor.sees_nothing_on_the_way_back("alice", 4)
    visitor.is_nobody_with("the cookie of a session that is over is worth nothing", kept)
    visitor.open("/account")
    visitor.is_asked_to_sign_in("whoever comes next has to sign in, at the provider too")


def bob(visitor):
    report, browser = visitor.report, visitor.browser
    visitor.signs_in("bob", "/account")
    report.equal("bob is bob", visitor.subject(), "bob")
    visitor.open("/castles")
    report.equal("bob stays on the page that refuses him", browser.url, f"{visitor.app_url}/castles")
    visitor.looks("castles for bob", 403)
    report.that("the refusal says what is missing", "castles:read" in (browser.text("main") or ""))
    report.that("it shows no castle", "Josselin" not in browser.source)
    visitor.open("/account")
    report.equal("a refusal ends no session", visitor.subject(), "bob")
    visitor.open("/castles")
    visitor.signs_out()
    visitor.signs_in("alice", "/castles")


def step_up(visitor):
    """A session that came without a fresh login is too weak for the settings."""
    report, browser = visitor.report, visitor.browser
    visitor.signs_in("alice", "/account")
    visitor.loses_the_application_cookies()
    visitor.open("/account?y=2")
    visitor.arrives_at("the provider still knows alice and does not ask", "/account?y=2")
    report.equal("she is alice again", visitor.subject(), "alice")
    weak = visitor.own_cookies()
    visitor.open("/settings")
    visitor.is_asked_to_sign_in("the settings want a stronger login")
    visitor.open("/account")
    report.equal("who does not want to is still signed in elsewhere", visitor.subject(), "alice")
    visitor.open("/settings")
    visitor.chooses("alice")
    visitor.arrives_at("after the step-up she is back at the settings", "/settings")
    visitor.looks("settings for alice")
    report.that("the page names the level", "level 1" in (browser.text("main") or ""))
    report.that("a step-up makes a new session", visitor.own_cookies() != weak)
    browser.reload()
    visitor.arrives_at("the settings stay open", "/settings")


def two_tabs(visitor):
    """Two logins on their way at once; the one that began first ends last, then the other way round."""
    report, browser = visitor.report, visitor.browser
    for order in ((1, 0), (0, 1)):
        first = browser.tab()
        visitor.open("/account?tab=1")
        visitor.is_asked_to_sign_in("the first tab asks")
        second = browser.new_tab()
        visitor.open("/castles?tab=2")
        visitor.is_asked_to_sign_in("the second tab asks too")
        tabs = ((first, "/account?tab=1"), (second, "/castles?tab=2"))
        for number in order:
            handle, path = tabs[number]
            browser.switch_to(handle)
            visitor.chooses("alice")
            visitor.arrives_at(f"tab {number + 1} arrives where it wanted", path)
            report.equal(f"tab {number + 1} shows alice", visitor.subject(), "alice")
        for number, (handle, path) in enumerate(tabs, 1):
            browser.switch_to(handle)
            browser.reload()
            visitor.arrives_at(f"tab {number} is signed in afterwards", path)
        report.equal("one session is left of two logins", len(visitor.session_cookies()), 1)
        visitor.signs_out()
        browser.switch_to(first)
        browser.reload()
        visitor.is_asked_to_sign_in("signing out in one tab holds for the other")


def bad_callbacks(visitor):
    report, browser = visitor.report, visitor.browser
    for what, query in (("without parameters", ""), ("with a made-up state", "?code=c&state=s"),
                        ("with two states", "?code=c&state=s&state=t"),
                        ("with a script", "?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E")):
        visitor.open(f"/auth/callback{query}")
        visitor.looks("signing in did not work", 400)
        report.equal(f"a callback {what} leaves no cookie", visitor.own_cookies(), [])
    visitor.follows("a[href^='/auth/login']")
    visitor.is_asked_to_sign_in("its link begins a new login")


def return_to(visitor):
    """Nobody can make the login send a user elsewhere."""
    report, browser = visitor.report, visitor.browser
    for elsewhere in ("//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example/",
                      "/\t/elsewhere.example/"):
        visitor.open(f"/auth/login?{urllib.parse.urlencode({'return_to': elsewhere})}")
        if browser.find("button[value=alice]"):
            visitor.chooses("alice")
        wait_until(lambda: browser.url.startswith(visitor.app_url) and visitor.is_loaded(), 10)
        path = browser.url.removeprefix(visitor.app_url)
        report.that(f"return_to={elsewhere!r} stays here", path.startswith("/") and "//" not in path, browser.url)


def another_site(visitor):
    """By another name the same address is another site: what it shows and posts has nothing of the session."""
    report, browser = visitor.report, visitor.browser
    visitor.signs_in("alice", "/account")
    browser.open(visitor.app_url.replace("127.0.0.1", "localhost") + "/")
    report.that("another site does not know alice", visitor.subject() is None)
    browser.run(page.POST, f"{visitor.app_url}/auth/logout")
    visitor.arrives_at("another site posts a logout", "/auth/logout")
    visitor.looks("a logout by another site", 403)
    visitor.open("/account")
    report.equal("alice is still signed in", visitor.subject(), "alice")
    browser.open(visitor.app_url.replace("127.0.0.1", "localhost") + "/")
    browser.run(page.POST, f"{visitor.app_url}/account/refresh")
    visitor.arrives_at("another site posts to a page of the application's", "/account/refresh")
    visitor.looks("posted by another site", 401)


SCENARIOS = {
    "the front door": [front_door],
    "a deep link, the account, and out again": [deep_link, account, refresh, leaving],
    "a user without the permission": [bob],
    "a step-up": [step_up],
    "two tabs that log in at once": [two_tabs],
    "callbacks that nobody asked for": [bad_callbacks],
    "a login that should lead elsewhere": [return_to],
    "another site": [another_site],
}
# Those that depend on how the provider answers.
LOGINS = [name for name, steps in SCENARIOS.items() if not {front_door, bad_callbacks, return_to} & set(steps)]
