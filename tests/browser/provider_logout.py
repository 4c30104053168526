"""Signing out at the provider, which tells the application."""

IS_TOLD = "return [location.href.split('?')[0], document.querySelector('h1').textContent]"


def by_both(visitor, setting):
    leaves_at_the_provider(visitor, setting)
    is_told_in_a_frame(visitor)
    stays_in_the_tab_only(visitor)
    is_over(visitor)


def by_back_channel(visitor, setting):
    leaves_at_the_provider(visitor, setting)
    visitor.report.equal("no frame is loaded", visitor.browser.find("iframe"), None)
    is_over(visitor)


def by_frame(visitor, setting):
    leaves_at_the_provider(visitor, setting)
    is_told_in_a_frame(visitor)
    if setting.app_settings["PORTCULLIS_SESSIONS"] == "memory":
        is_over(visitor)
        return
    # Anybody can load the frame, and nothing is kept here that could say which session it means.
    visitor.open("/account")
    visitor.report.equal("a frame ends no session in a cookie", visitor.subject(), "alice")


def leaves_at_the_provider(visitor, setting):
    """Two pages of the application, then the provider's own."""
    visitor.signs_in("alice", "/account")
    visitor.open("/castles")
    visitor.kept = visitor.session_cookies()
    visitor.browser.open(f"{setting.provider.url}/end_session")
    visitor.looks("sign out at the provider")
    visitor.follows("button[value=leave]")
    visitor.album.keep(visitor.browser, "signed out at the provider")
    visitor.report.that("the provider has ended its session", "signed out" in (visitor.browser.text("main") or ""))


def is_told_in_a_frame(visitor):
    """The application's page stands in a page of another site."""
    visitor.report.equal("the application is told in a frame", visitor.browser.in_frame(IS_TOLD),
                         [f"{visitor.app_url}/auth/frontchannel-logout", "Signed out"])


def stays_in_the_tab_only(visitor):
    """For some minutes a browser keeps pages of a tab as they were, `no-store` or not, as long as no cookie of theirs
    changes; a logout at the provider can change none. Nothing that asks the application may show more."""
    visitor.browser.back()
    visitor.browser.back()
    visitor.arrives_at("two steps back is the page of before", "/castles")
    visitor.browser.reload()
    visitor.is_asked_to_sign_in("and is gone once the application is asked")


def is_over(visitor):
    visitor.open("/castles")
    visitor.is_asked_to_sign_in("the application's session is over too")
    visitor.is_nobody_with("the cookie that was left is worth nothing", visitor.kept)
    visitor.signs_in("alice", "/castles")


# As in elsewhere.py.
SCENARIOS = [
    ("signing out at the provider", by_both, {"HOST": "localhost"}, {}),
    ("signing out at the provider, told by the back channel", by_back_channel, {"LOGOUT": "back"}, {}),
    ("signing out at the provider, told in a frame", by_frame, {"HOST": "localhost", "LOGOUT": "front"}, {}),
]
