"""The web example at the real server: for each kind of session, each kind of client, and each way to the server."""

import collections
import contextlib

import operation
import web_flow
import web_outage
import web_refusals
from application import Application, NotBuilt
from relay import Relay
from web_application import SCOPES, WebApplication

# What keeps the sessions, and what is said while the library cannot do that yet.
SESSIONS = {"memory": "in memory", "cookie": "in cookies"}


class Web:
    def __init__(self, report, server, executable, folder):
        self.report, self.server, self.executable, self.folder = report, server, executable, folder
        self.apps, self.relays = [], []

    def everything(self):
        for sessions, where in SESSIONS.items():
            if self.is_built(sessions):
                self.sessions(sessions, where)
            else:
                print(f"skipped: sessions {where} are not built", flush=True)

    def is_built(self, sessions):
        """What the application refuses by its name is not there yet."""
        settings = self.server.environment("public") | {"PORTCULLIS_SESSIONS": sessions}
        try:
            with Application(self.executable, settings, self.folder, f"web-probe-{sessions}"):
                return True
        except NotBuilt as refusal:
            if "PORTCULLIS_SESSIONS" in str(refusal):
                return False
            raise

    def sessions(self, sessions, where):
        report = self.report
        for client in ("confidential", "public"):
            with report.scenario(f"web users of the {client} client, sessions {where}"):
                with self.application(sessions, client) as web:
                    self.whole_visit(web)
            with report.scenario(f"the same by another name of the server, sessions {where}"):
                with Relay(self.server) as relay, self.application(sessions, client, **relay.settings) as web:
                    self.relays.append(relay)
                    self.whole_visit(web)
                    back_channel(report, self.server, relay, client)
        with report.scenario(f"a client that needs the user's consent, sessions {where}"):
            # A consent is remembered for the scopes it was given for, so each kind of session asks for another one.
            with self.application(sessions, "consent", PORTCULLIS_SCOPES=f"{SCOPES} {sessions}") as web:
                web_refusals.consent(report, web, web.visitor("bob"))
        with report.scenario(f"the server is away, sessions {where}"):
            with self.application(sessions, "confidential") as web, self.application(sessions, "public") as unused:
                web_outage.outage(report, web, unused)

    @contextlib.contextmanager
    def application(self, sessions, client, **settings):
        name = f"web-{sessions}-{client}-{len(self.apps)}"
        settings = {"PORTCULLIS_SESSIONS": sessions} | settings
        with WebApplication(self.report, self.server, self.executable, self.folder, name, client, settings) as web:
            self.apps.append(web)
            yield web

    def whole_visit(self, web):
        report, anne, bob = self.report, web.visitor("anne"), web.visitor("bob")
        with report.scenario("the first login"):
            web_flow.first_login(report, web, anne)
            web_flow.scripts(report, web, web.visitor("anne"))
        with report.scenario("a session is refreshed"):
            web_flow.refresh(report, web, anne)
        with report.scenario("a stronger login"):
            web_flow.step_up(report, web, anne)
            web_refusals.weaker_than_asked(report, web, anne)
        with report.scenario("who may see what"):
            web_flow.permissions(report, web, anne, bob)
        with report.scenario("what is refused"):
            web_refusals.callbacks(report, web, anne, web.visitor("bob"))
            web_refusals.errors(report, web, anne)
            web_refusals.other_sites(report, web, anne)
        with report.scenario("logout"):
            web_flow.logout(report, web, anne)
        operation.clean_stop(report, web.process)

    def secrets(self):
        """Everything that went through a browser or over a relay and is for nobody else."""
        return set().union(*(source.secrets for source in [*self.apps, *self.relays]))


def back_channel(report, server, relay, client):
    """What only somebody on the way sees: names, grants, and how the client proves who it is."""
    report.equal("the server is asked by its own name", relay.hosts(), {relay.host})
    requests = relay.token_requests()
    grants = collections.Counter(form["grant_type"] for form, _ in requests)
    report.equal("each refresh is one refresh grant", grants["refresh_token"], 2)
    tokens = [form["refresh_token"] for form, _ in requests if "refresh_token" in form]
    report.equal("each with a token of its own", len(set(tokens)), len(tokens))
    has_secret = bool(server.secret(client))
    report.equal("the client's secret is in the header, where there is one",
                 {(is_authenticated, "client_secret" in form) for form, is_authenticated in requests},
                 {(has_secret, False)})
    report.that("a client without a secret says its name", has_secret or all(
        form.get("client_id") == server.client(client)["client_id"] for form, _ in requests))
    codes = [form for form, _ in requests if form["grant_type"] == "authorization_code"]
    report.that("every code comes with its verifier", all(len(form.get("code_verifier", "")) == 43 for form in codes))
    heard = {"code", "code_verifier", "access_token", "id_token", "refresh_token", "Authorization"}
    report.equal("there is something to look for in the output", {name for name, _ in relay.overheard}, heard)
    report.equal("no verifier comes twice", len({form["code_verifier"] for form in codes}), len(codes))
