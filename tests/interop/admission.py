"""Who gets in where: every route of the example, for each kind of caller, with what the wire may say."""

import json

import http_client
from server import RequestCounter
from tokens import unsigned

ROUTES = ["/user", "/scoped", "/castles", "/optional-user", "/current-user", "/current-user/fresh", "/custom-refusal",
          "/status"]
PROTECTED = [("GET", "/user"), ("GET", "/scoped"), ("GET", "/castles"), ("POST", "/castles"), ("GET", "/current-user"),
             ("GET", "/current-user/fresh"), ("GET", "/custom-refusal")]
DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/.well-known/jwks.json"
USERINFO = "/api/userinfo"
NO_TOKEN = (401, {"error": "missing_credentials"}, ("Bearer", {}))
INVALID_TOKEN = (401, {"error": "invalid_token"}, ("Bearer", {"error": "invalid_token"}))


def facts(response):
    """What a caller sees of a refusal: status, body, challenge."""
    return response.status, response.json(), response.challenge()


def castles(response):
    """Whether this is the castles' answer in its exact shape."""
    body = response.json()
    return response.status == 200 and isinstance(body, dict) and list(body) == ["castles"] \
        and isinstance(body["castles"], list)


def issuer_status(app):
    body = app.call("/status").json()
    return body["issuers"][0] if isinstance(body, dict) and len(body.get("issuers", [])) == 1 else {}


def public_routes(report, app, server):
    answer = app.call("/")
    report.that("GET / is public and lists the routes",
                answer.status == 200 and all(route in answer.body.decode() for route in ROUTES), answer.body)
    expected = {"issuer": server.issuer, "state": "never", "keys": 0, "age_s": None, "last_error": None}
    report.equal("GET /status before the first token", issuer_status(app), expected)


def without_a_token(report, app):
    for method, path in PROTECTED:
        report.equal(f"{method} {path} without a token", facts(app.call(path, method=method)), NO_TOKEN)
    basic = app.call("/user", headers=[("Authorization", "Basic YW5uZTpwYXNz")])
    report.equal("another scheme is no credential", facts(basic), NO_TOKEN)


def malformed(report, app):
    expected = (400, {"error": "invalid_request"}, ("Bearer", {"error": "invalid_request"}))
    requests = {
        "Bearer alone": ("/user", [("Authorization", "Bearer")]),
        "three parts": ("/user", [("Authorization", "Bearer one two")]),
        "characters outside b64token": ("/user", [("Authorization", "Bearer {token}")]),
        "two Authorization headers": ("/user", http_client.bearer("one") + http_client.bearer("two")),
        "a token in the query": ("/user?access_token=one", []),
        "Bearer alone at an optional route": ("/optional-user", [("Authorization", "Bearer")]),
    }
    for name, (path, headers) in requests.items():
        report.equal(f"malformed: {name}", facts(app.call(path, headers=headers)), expected)


def not_a_token(report, app, token):
    refused = {"garbage": "garbage", "an unsigned token": unsigned(token), "9000 bytes": "a" * 9000}
    for name, credentials in refused.items():
        report.equal(f"{name} is refused", facts(app.call("/user", credentials)), INVALID_TOKEN)
    report.equal("garbage at an optional route", app.call("/optional-user", "garbage").json(), {"id": None})


def permitted_user(report, app, server, token):
    user = app.call("/user", token)
    body = user.json() or {}
    found = {**body, "scope": sorted(body.get("scope", [])), "permissions": sorted(body.get("permissions", []))}
    report.equal("GET /user", (user.status, found), (200, {
        "id": server.user("anne")["id"], "scope": ["castles", "openid"],
        "permissions": ["castles:create", "castles:read"], "acr": "1"}))
    report.equal("GET /user is not stored by caches", user.header("Cache-Control"), "no-store")
    report.that("GET /user varies by Authorization", "authorization" in (user.header("Vary") or "").lower())
    report.that("GET /scoped", castles(app.call("/scoped", token)))
    report.that("GET /castles", castles(app.call("/castles", token)))
    report.equal("POST /castles without a body", app.call("/castles", token, "POST").status, 201)
    named = app.call("/castles", token, "POST", [("Content-Type", "application/json")], b'{"name":"Suscinio"}')
    report.equal("POST /castles with a body", named.status, 201)
    report.equal("GET /optional-user", app.call("/optional-user", token).json(), {"id": server.user("anne")["id"]})
    shut_gate(report, app, token, "anne")


def shut_gate(report, app, token, who):
    answer = app.call("/custom-refusal", token)
    found = (answer.status, (answer.header("Content-Type") or "").split(";")[0], answer.json(), answer.challenge()[0])
    report.equal(f"GET /custom-refusal for {who}", found, (403, "application/problem+json", {
        "title": "The gate stays shut", "code": "missing_permission"}, None))


def user_without_permissions(report, app, server, token):
    user = app.call("/user", token).json() or {}
    report.equal("GET /user for bob", (user.get("id"), user.get("permissions")), (server.user("bob")["id"], []))
    report.that("GET /scoped for bob", castles(app.call("/scoped", token)))
    expected = (403, {"error": "missing_permission"}, (None, {}))
    report.equal("GET /castles for bob", facts(app.call("/castles", token)), expected)
    report.equal("POST /castles for bob", facts(app.call("/castles", token, "POST")), expected)
    claims = app.call("/current-user", token).json() or {}
    report.equal("GET /current-user for bob", claims.get("email"), server.user("bob")["email"])
    optional = app.call("/optional-user", token)
    report.equal("GET /optional-user for bob", optional.json(), {"id": server.user("bob")["id"]})
    shut_gate(report, app, token, "bob")


def lesser_tokens(report, app, weak, no_scope):
    """Tokens of the permitted user that prove less: a reused session (acr 0), and no scope but openid."""
    report.equal("GET /user after a reused session", (app.call("/user", weak).json() or {}).get("acr"), "0")
    report.that("GET /castles asks for no acr", castles(app.call("/castles", weak)))
    report.equal("POST /castles asks for a stronger login", facts(app.call("/castles", weak, "POST")), (
        401, {"error": "insufficient_user_authentication"},
        ("Bearer", {"error": "insufficient_user_authentication", "acr_values": "1"})))
    report.equal("GET /scoped without the scope", facts(app.call("/scoped", no_scope)), (
        403, {"error": "insufficient_scope"}, ("Bearer", {"error": "insufficient_scope", "scope": "castles"})))


def foreign_tokens(report, app, other_client, id_token):
    for name, token in {"another client's token": other_client, "an ID token": id_token}.items():
        for method, path in PROTECTED:
            report.equal(f"{method} {path} with {name}", facts(app.call(path, token, method)), INVALID_TOKEN)
        report.equal(f"GET /optional-user with {name}", app.call("/optional-user", token).json(), {"id": None})


def nobody_was_asked(report, counters):
    for name, counter in counters.items():
        report.equal(f"requests for {name} so far", counter.since(0), 0)


def counters(server):
    return {"discovery": RequestCounter(server, "GET", DISCOVERY), "keys": RequestCounter(server, "GET", KEYS),
            "userinfo": RequestCounter(server, "GET", USERINFO)}


def userinfo_is_cached(report, app, server, token):
    asked = RequestCounter(server, "GET", USERINFO)
    first, second = app.call("/current-user", token), app.call("/current-user", token)
    report.equal("GET /current-user twice: requests for userinfo", asked.since(1), 1)
    report.equal("GET /current-user/fresh", app.call("/current-user/fresh", token).status, 200)
    report.equal("GET /current-user/fresh: requests for userinfo", asked.since(2), 2)
    report.equal("GET /current-user/fresh again", app.call("/current-user/fresh", token).json(), first.json())
    report.equal("GET /current-user/fresh again: requests for userinfo", asked.since(3), 3)
    report.equal("GET /current-user afterwards", app.call("/current-user", token).json(), first.json())
    report.equal("GET /current-user afterwards: requests for userinfo", asked.since(3), 3)
    own = http_client.request("GET", server.base_url + USERINFO, http_client.bearer(token))
    report.equal("GET /current-user answers the server's claims", (first.status, first.json(), second.json()),
                 (200, own.json(), json.loads(own.body)))


def one_fetch_served_all(report, app, server, counted):
    report.equal("requests for discovery since the start", counted["discovery"].since(1), 1)
    report.equal("requests for keys since the start", counted["keys"].since(1), 1)
    status = issuer_status(app)
    age = status.pop("age_s", None)
    report.equal("GET /status", status, {"issuer": server.issuer, "state": "fresh", "keys": 1, "last_error": None})
    report.that("GET /status: age in seconds", isinstance(age, (int, float)) and 0 <= age < 300, repr(age))
