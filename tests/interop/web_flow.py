"""A web application as its users know it: login, pages, refresh, step-up, logout."""

import re
import urllib.parse

from provider_client import query
from web_application import FIRST_LOGIN, LOGIN, NOTHING, REFRESH, SCOPES

DEEP_LINK = "/account?castle=Josselin&from=a%20letter"
# Plain http cannot have `__Host-`; on loopback the name carries a mark of the application in its place.
SESSION_COOKIE = re.compile(r"portcullis-session-[0-9a-f]{6}([.-]\d)?")
LOGIN_COOKIE = re.compile(r"portcullis-login-[0-9a-f]{6}-[0-9a-f]{16}")
SUBJECT = re.compile(r'id="sub">([^<]*)<')


def subject(response):
    """Who the page says is signed in."""
    found = SUBJECT.search(response.body.decode())
    return found and found.group(1)


def shown(response):
    return response.status, subject(response)


def is_page(response):
    return (response.header("Content-Type") or "").startswith("text/html") and b"<h1>" in response.body


def first_login(report, web, anne):
    """The application has never asked the server for anything."""
    with web.asks("a stranger's first request", NOTHING):
        door = anne.open(DEEP_LINK)
    report.equal("a stranger is sent to the login, and back to this very page afterwards",
                 (door.status, door.header("Location")),
                 (303, f"/auth/login?{urllib.parse.urlencode({'return_to': DEEP_LINK})}"))
    report.equal("a stranger gets no cookie", door.cookies(), [])
    with web.asks("the first login", FIRST_LOGIN):
        leaving = anne.open(door.header("Location"), "same-origin")
        authorization_request(report, web, leaving)
        well_kept(report, "the login's cookie", leaving.cookies(), LOGIN_COOKIE)
        callback = anne.visit(leaving.header("Location"))
        report.equal("the server asked for the password", anne.passwords_given(), 1)
        back = anne.open(callback, "cross-site")
    report.equal("after the login the way leads to the deep link", (back.status, back.header("Location")),
                 (303, DEEP_LINK))
    well_kept(report, "the session's cookie", [cookie for cookie in back.cookies() if cookie[1]], SESSION_COOKIE)
    report.equal("no cookie is left of the login", anne.cookie_names("login"), [])
    report.equal("the callback is for no cache and no referrer",
                 (back.header("Cache-Control"), back.header("Referrer-Policy")), ("no-store", "no-referrer"))
    with web.asks("the page after the login, twice", NOTHING):
        for _ in range(2):
            report.equal("the page knows who it is", shown(anne.open(DEEP_LINK)), (200, anne.user["id"]))


def authorization_request(report, web, leaving):
    url = leaving.header("Location")
    report.that("the browser is sent to the server", url.startswith(f"{web.server.base_url}/authorize?"))
    sent = query(url)
    names = ("response_type", "client_id", "redirect_uri", "scope", "code_challenge_method")
    report.equal("with the application's request", [sent.get(name) for name in names],
                 ["code", web.server.client(web.client)["client_id"], f"{web.url}/auth/callback", SCOPES, "S256"])
    report.that("which asks for no level", "acr_values" not in sent and "max_age" not in sent)
    report.that("and holds no secret", not any(secret in url for secret in web.server.secret(web.client).values()))


def well_kept(report, name, cookies, wanted):
    report.that(f"{name} is there, by our name", cookies and all(wanted.fullmatch(cookie[0]) for cookie in cookies))
    for _, _, attributes in cookies:
        lasting = {attribute for attribute in attributes if re.fullmatch(r"Max-Age=[1-9]\d*", attribute)}
        report.equal(f"{name}: attributes", (sorted(attributes - lasting), len(lasting)),
                     (["HttpOnly", "Path=/", "SameSite=Lax"], 1))


def scripts(report, web, stranger):
    with web.asks("a script without a session", NOTHING):
        answer = stranger.script_gets(DEEP_LINK)
    login_url = f"/auth/login?{urllib.parse.urlencode({'return_to': DEEP_LINK})}"
    report.equal("a script without a session is told where the login is", (answer.status, answer.json()),
                 (401, {"error": "missing_credentials", "login_url": login_url}))
    report.that("and is not sent there", answer.header("Location") is None and not answer.cookies())


def refresh(report, web, anne):
    """Twice, because the server takes each refresh token once."""
    for times in ("once", "twice"):
        with web.asks(f"a session refreshed {times}", REFRESH):
            answer = anne.posts("/account/refresh")
            report.equal(f"a session refreshed {times} leads back to the account",
                         (answer.status, answer.header("Location")), (303, "/account"))
            report.equal("which still knows who it is", shown(anne.open("/account")), (200, anne.user["id"]))
    with web.asks("the settings after a refresh", NOTHING):
        page = anne.open("/settings")
    # The server's new tokens say 0; the level is that of the login.
    report.equal("a refresh takes nothing away from a strong login", shown(page), (200, anne.user["id"]))


def step_up(report, web, anne):
    with web.asks("a login with the server's session", LOGIN):
        passwords = anne.passwords_given()
        page, address = anne.go("/auth/login?return_to=/account")
    report.equal("who is known to the server need not give the password again",
                 (shown(page), address, anne.passwords_given() - passwords), ((200, anne.user["id"]), "/account", 0))
    with web.asks("a page that wants more", NOTHING):
        door = anne.open("/settings?tab=keys")
    report.equal("that login is too weak for the settings", (door.status, door.header("Location")),
                 (303, "/auth/login?return_to=%2Fsettings%3Ftab%3Dkeys&acr_values=1"))
    with web.asks("the step-up", LOGIN):
        sent = query(anne.open(door.header("Location"), "same-origin").header("Location"))
        report.equal("the step-up asks for the level", sent.get("acr_values"), "1")
        page, address = anne.go("/settings?tab=keys")
    report.equal("the server asked for the password anew", anne.passwords_given() - passwords, 1)
    report.equal("and then the settings open", (shown(page), address), ((200, anne.user["id"]), "/settings?tab=keys"))
    report.that("with the level in them", b"level 1" in page.body)
    report.equal("one session is left", len({name[:25] for name in anne.cookie_names("session")}), 1)


def permissions(report, web, anne, bob):
    """anne has the permission; bob does not, and no login would help."""
    with web.asks("a page for a permission", NOTHING):
        castles = anne.open("/castles")
    report.equal("who has the permission sees the castles", (shown(castles), b"Josselin" in castles.body),
                 ((200, anne.user["id"]), True))
    with web.asks("another user's login", LOGIN):
        refused, address = bob.go("/castles")
    report.equal("who has not is refused after the login", (refused.status, address), (403, "/castles"))
    report.that("with a page that says why", is_page(refused) and b"castles:read" in refused.body)
    report.that("and shows nothing", b"Josselin" not in refused.body and refused.header("Location") is None)
    report.equal("a script is told the same", (bob.script_gets("/castles").status, bob.script_gets("/castles").json()),
                 (403, {"error": "missing_permission"}))
    report.equal("a refusal ends no session", shown(bob.open("/account")), (200, bob.user["id"]))


def logout(report, web, anne):
    session = anne.cookies("session")
    with web.asks("a logout", NOTHING):
        left = anne.posts("/auth/logout")
    ended = f"{web.url}/auth/logged-out"
    report.equal("logout leads to the server's, spelled its way", (left.status, left.header("Location")),
                 (303, f"{web.server.base_url}/logout?{urllib.parse.urlencode({'redirect_uri': ended})}"))
    report.equal("no cookie of the session is left", anne.cookie_names("session"), [])
    report.equal("the server sends the browser back", anne.leaves_by(left.header("Location")), ended)
    page = anne.open(ended, "cross-site")
    report.equal("to a page that says so", (page.status, is_page(page), page.cookies()), (200, True, []))
    anne.takes_back(session)
    with web.asks("the old cookie", NOTHING):
        report.equal("the old cookie opens nothing any more", anne.open("/account").status, 303)
    anne.loses(anne.cookies("session"))
    passwords = anne.passwords_given()
    page, _ = anne.go("/account")
    report.equal("the server's session is over too: it asks for the password",
                 (shown(page), anne.passwords_given() - passwords), ((200, anne.user["id"]), 1))
