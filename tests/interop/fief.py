"""Checks the examples against a real Fief server. Run by tests/interop/run; standard library only."""

import argparse
import signal
import sys
import tempfile

import admission
import application
import operation
import provider_client
from application import Application
from report import Report
from server import FiefServer
from tokens import SignIn
from web import Web


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="folder of the server's run.sh, login.py and rotate_key.py")
    parser.add_argument("--venv", required=True, help="virtual environment of the server, made on first use")
    parser.add_argument("--api", default="api-axum", help="the example of an API (default: %(default)s)")
    parser.add_argument("--web", default="web-axum", help="the example of a web application (default: %(default)s)")
    args = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    report = Report()
    executables = application.binary(args.api), application.binary(args.web)
    with tempfile.TemporaryDirectory(prefix="portcullis-interop-") as folder:
        with FiefServer(args.server, args.venv, f"{folder}/server") as server:
            Run(report, server, executables, folder).everything()
    sys.exit(report.finish())


class Run:
    """The tokens and the applications that the scenarios share."""

    def __init__(self, report, server, executables, folder):
        self.report, self.server, self.folder = report, server, folder
        self.executable, web_executable = executables
        self.web = Web(report, server, web_executable, folder)
        self.seen, self.apps = [], []
        anne = SignIn(server, "anne", self.seen)
        self.anne = anne.tokens()
        self.weak, self.no_scope = anne.tokens(), anne.tokens(scope="openid")
        self.other_client = anne.tokens("consent")
        self.bob = SignIn(server, "bob", self.seen).tokens()

    def application(self, name, client, **settings):
        """An application that protects the API of one of the server's clients."""
        app = Application(self.executable, self.server.environment(client) | settings, self.folder, name)
        self.apps.append(app)
        return app

    def everything(self):
        report = self.report
        failed_before = report.failed
        with report.scenario("an API for the users of a real server"):
            with self.application("api-axum", "confidential") as app:
                self.admission(app)
                self.rotation(app)
                operation.clean_stop(report, app)
        with report.scenario("tokens that expire"):
            with self.application("api-axum-short-lived", "short_lived", PORTCULLIS_LEEWAY="0") as app:
                operation.expiry(report, app, SignIn(self.server, "anne", self.seen))
                operation.clean_stop(report, app)
        self.logins()
        with report.scenario("a wrong configuration"):
            self.apps += operation.wrong_configuration(report, self.executable, self.server, self.folder)
        self.web.everything()
        apps = self.apps + [web.process for web in self.web.apps]
        secrets = {*self.seen, *self.web.secrets()}
        with report.scenario("what was printed"):
            operation.no_secret_in_output(report, apps, secrets)
        if report.failed > failed_before:
            show_output(apps, secrets)

    def logins(self):
        report, server = self.report, self.server
        port = server.base_url.rpartition(":")[2]
        alias = {"PORTCULLIS_INTERNAL_URL": f"http://localhost:{port}", "PORTCULLIS_INTERNAL_HOST": f"127.0.0.1:{port}"}
        for client in ("confidential", "public"):
            for name, settings in (("", {}), (" by another name of the server", alias)):
                with report.scenario(f"a login of the {client} client{name}"):
                    provider_client.whole_login(report, SignIn(server, "anne", self.seen), client, settings)
        with report.scenario("logins that ask, refuse or step up"):
            # A consent is remembered, and anne has given hers for the tokens of another client.
            provider_client.consent(report, SignIn(server, "bob", self.seen))
            provider_client.step_up(report, SignIn(server, "anne", self.seen))
            provider_client.wrong_host(report, server, alias)

    def admission(self, app):
        report, server = self.report, self.server
        counted = admission.counters(server)
        with report.scenario("before any good token"):
            admission.public_routes(report, app, server)
            admission.without_a_token(report, app)
            admission.malformed(report, app)
            admission.not_a_token(report, app, self.anne.access)
            admission.nobody_was_asked(report, counted)
        with report.scenario("userinfo"):
            admission.userinfo_is_cached(report, app, server, self.anne.access)
        with report.scenario("a permitted user"):
            admission.permitted_user(report, app, server, self.anne.access)
        with report.scenario("a user without permissions"):
            admission.user_without_permissions(report, app, server, self.bob.access)
        with report.scenario("tokens that prove less"):
            admission.lesser_tokens(report, app, self.weak.access, self.no_scope.access)
        with report.scenario("tokens meant for others"):
            admission.foreign_tokens(report, app, self.other_client.access, self.anne.id)
        with report.scenario("one fetch served all"):
            admission.one_fetch_served_all(report, app, server, counted)

    def rotation(self, app):
        with self.report.scenario("a new signing key"):
            operation.key_rotation(self.report, app, self.server, self.anne.access, self.bob.access,
                                   SignIn(self.server, "anne", self.seen))


def show_output(apps, secrets):
    """The end of what the applications said, for whoever looks into the failure; unless it holds a secret."""
    for app in apps:
        printed = app.output()
        if not operation.secrets_in(printed, secrets):
            print(f"# the end of what {app.name} printed\n{printed[-4000:]}", file=sys.stderr)


if __name__ == "__main__":
    main()
