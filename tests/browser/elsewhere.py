"""The same application with a provider of its own process: one that asks, is another site, or is away."""

import contextlib

import page
from waiting import wait_until

ANOTHER_SITE = {"HOST": "localhost"}
OFFLINE = {"PORTCULLIS_SCOPES": "openid profile email offline_access"}
FORM_POST = {"PORTCULLIS_RESPONSE_MODE": "form_post"} | OFFLINE

def denied_consent(visitor, _setting):
    report, browser = visitor.report, visitor.browser
    visitor.open("/account")
    visitor.is_asked_to_sign_in("alice is asked to sign in")
    visitor.chooses("alice")
    is_asked_for_consent(visitor, "and then whether the application may know her")
    visitor.looks("consent at the provider")
    visitor.follows("button[value=deny]")
    visitor.arrives_below("after a denial she is back at the application", "/auth/callback")
    visitor.looks("denied consent", 400)
    report.equal("a denial leaves no cookie", visitor.own_cookies(), [])
    report.that("the page does not repeat what the provider said", "the user said no" not in browser.source)
    visitor.open("/")
    report.that("she is a stranger still", visitor.is_offered_to_sign_in() and visitor.subject() is None)
    visitor.open("/account")
    is_asked_for_consent(visitor, "who changes her mind is asked again")
    visitor.follows("button[value=allow]")
    visitor.arrives_at("and gets in", "/account")
    report.equal("as alice", visitor.subject(), "alice")


def is_asked_for_consent(visitor, name):
    wait_until(lambda: visitor.browser.find("button[value=deny]"), 15)
    visitor.report.that(name, visitor.browser.find("button[value=deny]"), visitor.browser.url)


def expired_session(visitor, setting):
    """The application forgets its sessions when it starts anew; a cookie that nobody knows must not hurt."""
    report, browser = visitor.report, visitor.browser
    visitor.signs_in("alice", "/castles?before=1")
    before = visitor.own_cookies()
    setting.restart_application()
    visitor.open("/")
    report.that("whose session is over is a stranger on a public page", visitor.is_offered_to_sign_in())
    visitor.open("/castles?after=1")
    visitor.arrives_at("and comes back without a word where the provider knows her", "/castles?after=1")
    report.equal("as alice", visitor.subject(), "alice")
    report.that("with another cookie", visitor.own_cookies() != before)
    report.equal("and only one", len(visitor.own_cookies()), 1)
    visitor.open("/account")
    setting.restart_application()
    visitor.follows("main form button")
    visitor.looks("a button of a session that is over", 401)
    visitor.shows_nothing_of("its page shows nothing private", "alice")


def provider_away(visitor, setting):
    report, browser = visitor.report, visitor.browser
    visitor.signs_in("alice", "/account")
    setting.stop_provider()
    visitor.open("/account")
    report.equal("a session needs no provider", visitor.subject(), "alice")
    visitor.open("/castles")
    report.equal("nor does a permission", visitor.status(), 200)
    setting.restart_application()
    visitor.open("/account")
    visitor.looks("login while the provider is away", 503)
    visitor.open("/")
    report.equal("public pages stay open", visitor.status(), 200)


def refused_refresh(visitor, setting):
    """An outage leaves the session as it is, a refusal ends it."""
    report, browser = visitor.report, visitor.browser
    visitor.signs_in("alice", "/account")
    setting.stop_provider()
    visitor.follows("main form button")
    wait_until(lambda: visitor.address() == f"{visitor.app_url}/account/refresh", 15)
    visitor.looks("refresh while the provider is away", 503)
    visitor.open("/account")
    report.equal("and leaves the session as it was", visitor.subject(), "alice")
    setting.start_provider()
    visitor.follows("main form button")
    visitor.arrives_at("a provider that has forgotten the login ends the session, at the start and not at a login", "/")
    report.that("nobody is signed in", visitor.is_offered_to_sign_in() and visitor.subject() is None)
    report.equal("no cookie is left", visitor.own_cookies(), [])


def neighbour(visitor, setting):
    """Whoever has another port of this host is the same site, so the cookie comes along."""
    visitor.signs_in("alice", "/account")
    visitor.browser.open(f"{setting.provider.url}/.well-known/openid-configuration")
    visitor.browser.run(page.POST, f"{visitor.app_url}/account/refresh")
    visitor.arrives_at("a neighbour posts", "/account/refresh")
    visitor.looks("posted by a neighbour", 403)
    visitor.open("/account")
    visitor.report.equal("and has done nothing", visitor.subject(), "alice")


def large_session(visitor, setting):
    """More than a browser keeps in one cookie."""
    report, browser = visitor.report, visitor.browser
    visitor.signs_in("alice", "/account")
    kept = visitor.session_cookies()
    name = min(cookie["name"] for cookie in kept)
    is_sealed = setting.app_settings["PORTCULLIS_SESSIONS"] == "cookie"
    report.equal("a large session has as many cookies as it needs", sorted(cookie["name"] for cookie in kept),
                 [name, f"{name}-2"] if is_sealed else [name])
    report.that("no script can read them", all(cookie["httpOnly"] for cookie in kept))
    visitor.open("/castles")
    visitor.arrives_at("it opens other pages", "/castles")
    browser.delete_cookie(max(cookie["name"] for cookie in kept))
    visitor.open("/")
    report.that("a part of it opens nothing", visitor.is_offered_to_sign_in() and visitor.subject() is None)
    report.equal("and is deleted", visitor.own_cookies(), [])
    visitor.open("/account")
    visitor.arrives_at("alice comes back as before", "/account")
    visitor.signs_out()
    report.equal("signing out leaves no part of it", visitor.own_cookies(), [])


def signs_in_by_buttons(visitor, _setting):
    """Without scripts, buttons do what those would have done: the provider's, then our own."""
    with without_scripts(visitor):
        visitor.open("/account")
        presses(visitor, "button[value=alice]", "sign in at the provider", "")
        presses(visitor, "main form button", "the provider answers by form", "/auth/callback")
        presses(visitor, "main form button", "the application posts it again", "/account")
        visitor.report.equal("without scripts alice arrives where she wanted", visitor.subject(), "alice")
        presses(visitor, "header form button", "account of alice", "")
        presses(visitor, "main form button", "the provider tells in a frame", "/auth/logged-out")
    knows_nobody(visitor)


def signs_out_by_buttons(visitor, _setting):
    with without_scripts(visitor):
        visitor.open("/account")
        presses(visitor, "button[value=alice]", "sign in at the provider", "/account")
        presses(visitor, "header form button", "account of alice", "/auth/logout")
        visitor.report.equal("her session is over before she goes on", visitor.own_cookies(), [])
        presses(visitor, "main form button", "leaving by form", "")
        presses(visitor, "main form button", "the provider tells in a frame", "/auth/logged-out")
    knows_nobody(visitor)


@contextlib.contextmanager
def without_scripts(visitor):
    visitor.browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        yield
    finally:
        visitor.browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


def knows_nobody(visitor):
    visitor.report.equal("no cookie is left", visitor.own_cookies(), [])
    visitor.open("/account")
    visitor.is_asked_to_sign_in("and the provider does not know her any more")


def presses(visitor, css, name, path):
    """Keeps a picture, presses, and waits for the address: the application's, or without a path the provider's."""
    browser = visitor.browser
    visitor.album.keep(browser, name)
    browser.click(css)
    arrived = lambda: visitor.address() == visitor.app_url + path if path else not visitor.is_at_the_application()
    visitor.report.that(f"{name}: its button leads on", wait_until(arrived, 15), browser.url)


def leaves_by_form(visitor, _setting):
    """The provider gets the ID token in a form instead of a URL, and by way of a page of ours."""
    visitor.signs_in("alice", "/account")
    visitor.signs_out()
    knows_nobody(visitor)


# More than one cookie of 4 KiB can hold.
MANY_SCOPES = OFFLINE["PORTCULLIS_SCOPES"] + "".join(f" castle-number-{number:03}" for number in range(60))

# Name, what happens, what the provider is told, what the application is told.
SCENARIOS = [
    ("a denied consent", denied_consent, {"CONSENT": "yes"}, {}),
    ("a denied consent by form", denied_consent, {"CONSENT": "yes"} | ANOTHER_SITE, FORM_POST),
    ("an expired session", expired_session, {}, {}),
    ("a provider that is away", provider_away, {}, {}),
    ("a refresh that fails", refused_refresh, {}, OFFLINE),
    ("a neighbour", neighbour, {}, {}),
    ("a large session", large_session, {}, {"PORTCULLIS_SCOPES": MANY_SCOPES}),
    ("a logout by form", leaves_by_form, {}, {"END_SESSION": "post"}),
    ("a login by form without scripts", signs_in_by_buttons, ANOTHER_SITE, FORM_POST),
    ("a logout by form without scripts", signs_out_by_buttons, {}, {"END_SESSION": "post"}),
]
