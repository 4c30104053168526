"""What happens over time: tokens expire, the key changes, the operator errs, the process is stopped."""

import concurrent.futures
import time

from admission import INVALID_TOKEN, KEYS, facts, issuer_status
from application import Application
from server import RequestCounter
from tokens import tampered
from waiting import wait_until

EXPIRY_DEADLINE = 10
REFUSAL_DEADLINE = 10


def expiry(report, app, sign_in):
    """For the client whose tokens live two seconds; the application has no leeway."""
    for _ in range(3):  # a busy machine may take longer than the token lives
        token = sign_in.tokens("short_lived")
        first = app.call("/user", token.access)
        if first.status == 200:
            break
    report.equal("a short-lived token is accepted first", first.status, 200)
    expires = token.claims["exp"]
    calls = []

    def refused():
        began = time.time()
        answer = app.call("/user", token.access)
        calls.append((began, time.time(), answer.status))
        return answer if answer.status != 200 else None

    answer = wait_until(refused, EXPIRY_DEADLINE, 0.1)
    report.equal("it is refused once it has expired", answer and facts(answer), INVALID_TOKEN)
    report.that("it was not refused before", all(ended >= expires for _, ended, status in calls if status != 200))
    report.that("it was not accepted afterwards", all(began < expires for began, _, status in calls if status == 200))
    report.equal("expired at an optional route", app.call("/optional-user", token.access).json(), {"id": None})


def key_rotation(report, app, server, old, other_old, sign_in):
    """`sign_in` is a browser that has not logged in yet."""
    key_id = server.rotate_key()
    new = sign_in.tokens()
    report.equal("the new token names the new key", new.key_id, key_id)
    asked = RequestCounter(server, "GET", KEYS)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: app.call("/user", new.access).status, range(8)))
    report.equal("eight requests at once with the new token", statuses, [200] * 8)
    report.equal("the new key: requests for keys", asked.since(1), 1)
    report.equal("a token of the old key", facts(app.call("/user", old)), INVALID_TOKEN)
    report.equal("another user's token of the old key", facts(app.call("/user", other_old)), INVALID_TOKEN)
    for _ in range(20):
        app.call("/user", old)
    # The old key id is unknown now: it may be looked for once, not with every request.
    asked_in_all = asked.since(2)
    report.that("old tokens do not flood the server", 1 <= asked_in_all <= 2, f"{asked_in_all} requests for keys")
    status = issuer_status(app)
    report.equal("GET /status after the rotation", (status.get("state"), status.get("keys")), ("fresh", 1))
    report.equal("a token with a changed signature", facts(app.call("/user", tampered(new.access))), INVALID_TOKEN)
    report.equal("the new token still opens", app.call("/user", new.access).status, 200)


def clean_stop(report, app):
    began = time.monotonic()
    status = app.stop()
    report.equal(f"{app.name} ends with status 0 on SIGTERM", status, 0)
    report.that(f"{app.name} ends at once", time.monotonic() - began < 5)


def wrong_configuration(report, executable, server, folder):
    """Each case names every variable that the operator must hear about, in one run."""
    cases = {
        "bad leeway and no audience": (
            {"PORTCULLIS_LEEWAY": "abc"}, ["PORTCULLIS_LEEWAY", "PORTCULLIS_AUDIENCE"]),
        "bad leeway, unknown profile, HS256": (
            {"PORTCULLIS_LEEWAY": "abc", "PORTCULLIS_PROFILE": "no_such_provider", "PORTCULLIS_AUDIENCE": "api",
             "PORTCULLIS_ALGORITHMS": "HS256"},
            ["PORTCULLIS_LEEWAY", "PORTCULLIS_PROFILE", "PORTCULLIS_ALGORITHMS"]),
        "a value and a file for one setting": (
            {"PORTCULLIS_AUDIENCE": "api", "PORTCULLIS_AUDIENCE_FILE": "/dev/null", "PORTCULLIS_LEEWAY": "301"},
            ["PORTCULLIS_AUDIENCE_FILE", "PORTCULLIS_LEEWAY"]),
    }
    apps = []
    for number, (name, (settings, named)) in enumerate(cases.items(), 1):
        settings = {"PORTCULLIS_ISSUER": server.issuer} | settings
        app = Application(executable, settings, folder, f"misconfigured-{number}")
        apps.append(app)
        status = app.wait(REFUSAL_DEADLINE)
        app.kill()
        said = app.stderr.read_text(errors="replace")
        report.that(f"{name}: refuses to start", status is not None and status > 0, f"status {status}")
        report.that(f"{name}: never listens", app.printed_url() is None)
        report.that(f"{name}: names every problem", all(word in said for word in named), f"wanted {named} in {said!r}")
    return apps


def secrets_in(printed, secrets):
    """How many of them are there; of a token, its claims and its signature count for themselves."""
    return sum(part in printed for secret in secrets for part in secret.split(".")[1:] or [secret])


def no_secret_in_output(report, apps, secrets):
    """Neither a token, nor its claims, nor its signature, nor any other secret may be in what they printed."""
    for app in apps:
        printed = app.output()
        leaked = secrets_in(printed, secrets)
        report.equal(f"{app.name}: secrets in its {len(printed)} characters of output", leaked, 0)
