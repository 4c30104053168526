"""The server is away: who is logged in notices nothing, who wants to log in is told, and nobody is sent in circles."""

from waiting import wait_until
from web_application import NOTHING, REFRESH
from web_flow import shown
from web_refusals import ends_on_a_page

RECOVERY_DEADLINE = 30


def outage(report, web, unused):
    """`unused` is an application that has not asked the server anything yet."""
    anne, bob, stranger = web.visitor("anne"), web.visitor("bob"), unused.visitor("anne")
    anne.go("/account")
    callback = bob.visit(bob.begin_login("/account"))
    with web.server.away():
        logged_in(report, anne)
        half_way(report, bob, callback)
        not_logged_in(report, stranger)
    recovered(report, web, anne, bob)
    report.that("the login opens again",
                wait_until(lambda: stranger.open("/auth/login").status == 303, RECOVERY_DEADLINE, 0.5))
    page, _ = stranger.go("/account")
    report.equal("and lets in", shown(page), (200, stranger.user["id"]))


def logged_in(report, anne):
    report.equal("who is logged in stays so", shown(anne.open("/account")), (200, anne.user["id"]))
    report.equal("with the permissions of the login", shown(anne.open("/castles")), (200, anne.user["id"]))
    refresh = anne.posts("/account/refresh")
    report.equal("a refresh has to wait", (refresh.status, refresh.header("Location")), (503, None))
    report.that("and says how long", (refresh.header("Retry-After") or "").isdecimal())
    report.equal("it ends no session", shown(anne.open("/account")), (200, anne.user["id"]))


def half_way(report, bob, callback):
    """The browser comes back from the server, and then there is no server any more."""
    ends_on_a_page(report, "a callback without a server", bob.open(callback, "cross-site"), 503)
    report.equal("no cookie is left of that login", bob.cookie_names("login"), [])


def not_logged_in(report, stranger):
    door = stranger.open("/account")
    report.equal("a stranger is shown to the login", (door.status, door.header("Location")),
                 (303, "/auth/login?return_to=%2Faccount"))
    page = stranger.open(door.header("Location"), "same-origin")
    ends_on_a_page(report, "a login without a server", page, 503)
    report.that("which says when to try again", (page.header("Retry-After") or "").isdecimal())
    report.equal("a public page needs no server", stranger.open("/").status, 200)


def recovered(report, web, anne, bob):
    with web.asks("a refresh afterwards", REFRESH):
        refresh = anne.posts("/account/refresh")
        report.equal("the session is refreshed afterwards", (refresh.status, refresh.header("Location")),
                     (303, "/account"))
    with web.asks("the session afterwards", NOTHING):
        report.equal("it has lasted", shown(anne.open("/account")), (200, anne.user["id"]))
    page, _ = bob.go("/account")
    report.equal("who was half way in gets in", shown(page), (200, bob.user["id"]))
