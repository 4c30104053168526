"""Our provider client against the real server: login, refresh, userinfo, logout URL."""

import urllib.parse

from login_client import LoginClient

LOGOUT_TO = "http://127.0.0.1:9/logged-out"


def query(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True))


def whole_login(report, person, client, settings):
    server = person.server
    with LoginClient(server, client, server.state, **settings) as ours:
        url = ours.authorize(scopes=["openid", "offline_access", "castles"], language="fr")
        authorization_request(report, ours, url)
        callback = person.visit(url)
        report.equal("a callback with another state", ours.do("exchange", callback=callback + "x")["error"], "state")
        first = ours.do("exchange", callback=callback)
        report.that("the code is exchanged", "error" not in first, first.get("message"))
        person.remember(first)
        tokens_of_login(report, first, person)
        report.equal("the same code again", ours.do("exchange", callback=callback).get("error"), "invalid_grant")
        claims = ours.do("user_info").get("claims", {})
        report.equal("userinfo: who", (claims.get("sub"), claims.get("email")), (person.user["id"], person.user["email"]))
        refresh(report, ours, person, first)
        logout(report, server, ours)


def authorization_request(report, ours, url):
    sent = query(url)
    report.equal("authorize: client and redirect", (sent["client_id"], sent["redirect_uri"]),
                 (ours.client["client_id"], ours.redirect_uri))
    report.equal("authorize: PKCE", (sent["response_type"], sent["code_challenge_method"]), ("code", "S256"))
    lengths = [len(sent[name]) for name in ("state", "nonce", "code_challenge")]
    report.equal("authorize: state, nonce and challenge", lengths, [43, 43, 43])
    report.equal("authorize: the language as Fief spells it", sent.get("lang"), "fr")
    secret = ours.client["client_secret"]
    report.that("authorize: no secret in the URL", not secret or secret not in url)


def tokens_of_login(report, answer, person):
    claims = answer["claims"]
    report.equal("ID token: who", claims["sub"], person.user["id"])
    report.equal("ID token: just signed in", claims["acr"], "1")
    report.equal("granted scopes, as asked", sorted(answer["scopes"]), ["castles", "offline_access", "openid"])
    report.that("a refresh token came", answer["has_refresh_token"])
    report.that("the life of the access token is known", (answer["expires_in"] or 0) > 0)


def refresh(report, ours, person, first):
    second = ours.do("refresh")
    report.that("the login is refreshed", "error" not in second, second.get("message"))
    person.remember(second)
    report.that("with a new access token", second["access_token"] != first["access_token"])
    report.equal("for the same user", second["claims"]["sub"], person.user["id"])
    report.equal("the old refresh token", ours.do("refresh_with_old").get("error"), "invalid_grant")
    report.that("the new one is still good", "error" not in (third := ours.do("refresh")), third.get("message"))
    person.remember(third)


def logout(report, server, ours):
    url = ours.do("logout", redirect_uri=LOGOUT_TO)["url"]
    expected = f"{server.base_url}/logout?{urllib.parse.urlencode({'redirect_uri': LOGOUT_TO})}"
    report.equal("the logout URL", url, expected)


def consent(report, person):
    with LoginClient(person.server, "consent", person.server.state) as ours:
        answer = query(person.visit(ours.authorize(scopes=["openid"]), deny=True))
        report.that("a person who does not consent comes back with an error", "error" in answer and "code" not in answer)
        tokens = ours.do("exchange", callback=person.visit(ours.authorize(scopes=["openid"])))
        report.that("a person who consents is logged in", "error" not in tokens, tokens.get("message"))
        person.remember(tokens)


def step_up(report, person):
    with LoginClient(person.server, "confidential", person.server.state) as ours:
        levels = []
        for wanted in ({}, {}, {"acr_values": ["1"]}, {}, {"max_age": 0}):
            answer = ours.do("exchange", callback=person.visit(ours.authorize(scopes=["openid"], **wanted)))
            report.that(f"login asking for {wanted or 'nothing'}", "error" not in answer, answer.get("message"))
            person.remember(answer)
            levels.append(answer["claims"]["acr"])
        report.equal("levels: first, reused, acr_values=1, reused, max_age=0", levels, ["1", "0", "1", "0", "1"])


def wrong_host(report, server, alias):
    """The server answers only to its own name: without the `Host` of the alias there is no discovery."""
    settings = {"PORTCULLIS_INTERNAL_URL": alias["PORTCULLIS_INTERNAL_URL"]}
    with LoginClient(server, "public", server.state, **settings) as ours:
        answer = ours.do("authorize", redirect_uri=ours.redirect_uri)
        report.equal("a server asked by a name it does not know", answer.get("error"), "client_error_status")
