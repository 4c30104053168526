"""The same application with a provider of its own process: one that asks, is another site, or is away."""

from waiting import wait_until


def denied_consent(visitor, _setting):
    report, browser = visitor.report, visitor.browser
    visitor.open("/account")
    visitor.is_asked_to_sign_in("alice is asked to sign in")
    visitor.chooses("alice")
    is_asked_for_consent(visitor, "and then whether the application may know her")
    visitor.follows("button[value=deny]")
    visitor.arrives_below("after a denial she is back at the application", "/auth/callback")
    visitor.looks("denied consent", 400)
    report.equal("a denial leaves no cookie", visitor.own_cookies(), [])
    report.that("the page does not repeat what the provider said", "the user said no" not in browser.source)
    visitor.open("/")
    report.that("she is a stranger still", browser.find("a[href^='/auth/login']") and visitor.subject() is None)
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
    report.that("whose session is over is a stranger on a public page", browser.find("a[href^='/auth/login']"))
    visitor.open("/castles?after=1")
    visitor.arrives_at("and comes back without a word where the provider knows her", "/castles?after=1")
    report.equal("as alice", visitor.subject(), "alice")
    report.that("with another cookie", visitor.own_cookies() != before)
    report.equal("and only one", len(visitor.own_cookies()), 1)


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
    report.equal("a refresh while the provider is away is 503", visitor.status(), 503)
    visitor.open("/account")
    report.equal("and leaves the session as it was", visitor.subject(), "alice")
    setting.start_provider()
    visitor.follows("main form button")
    visitor.arrives_at("a provider that has forgotten the login ends the session, at the start and not at a login", "/")
    report.that("nobody is signed in", browser.find("a[href^='/auth/login']") and visitor.subject() is None)
    report.equal("no cookie is left", visitor.own_cookies(), [])


def form_post(visitor, _setting):
    """The answer comes as a POST from another site, which brings no cookie of ours."""
    visitor.signs_in("alice", "/castles?x=1")
    visitor.report.equal("alice came in by a form", visitor.subject(), "alice")
    visitor.signs_out()
    visitor.browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        without_scripts(visitor)
    finally:
        visitor.browser.devtools("Emulation.setScriptExecutionDisabled", value=False)
    visitor.open("/account")
    visitor.report.equal("and came in too", visitor.subject(), "alice")


def without_scripts(visitor):
    """Buttons do what scripts would have done: the provider's first, then our own."""
    report, browser = visitor.report, visitor.browser
    visitor.open("/account")
    report.that("without scripts she is asked to sign in", browser.find("button[value=alice]"), browser.url)
    browser.click("button[value=alice]")
    report.that("the provider has a button", browser.find("form button"), browser.url)
    browser.click("form button")
    wait_until(lambda: visitor.address() == f"{visitor.app_url}/auth/callback", 15)
    report.that("the application has one too", browser.find("form button"), browser.url)
    visitor.album.keep(browser, "repost without scripts")
    browser.click("form button")
    wait_until(lambda: browser.url == f"{visitor.app_url}/account", 15)
    report.equal("and she arrives where she wanted", browser.url, f"{visitor.app_url}/account")


# Name, what happens, what the provider is told, what the application is told.
SCENARIOS = [
    ("a denied consent", denied_consent, {"CONSENT": "yes"}, {}),
    ("an expired session", expired_session, {}, {}),
    ("a provider that is away", provider_away, {}, {}),
    ("a refresh that fails", refused_refresh, {}, {"PORTCULLIS_SCOPES": "openid profile email offline_access"}),
    ("a provider on another site that answers by form", form_post, {"HOST": "localhost"},
     {"PORTCULLIS_RESPONSE_MODE": "form_post"}),
]
