"""Walks through an example with headless Chromium. Run by tests/browser/run; standard library only."""

import argparse
import pathlib
import re
import signal
import sys
import tempfile

import application
import demo
import elsewhere
import provider_logout
from application import Application
from chromium import Chromium
from page import Album
from report import Report
from setting import Setting
from visitor import Visitor

# Three parts, as a JWT has them.
TOKEN = re.compile(r"eyJ[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("example", help="web-axum, or another example with the same pages")
    parser.add_argument("--screenshots", type=pathlib.Path, default=pathlib.Path("target/browser"), metavar="FOLDER")
    args = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    report = Report()
    binaries = {"app": application.binary(args.example),
                "provider": application.example("portcullis-testkit", "provider")}
    with tempfile.TemporaryDirectory(prefix="portcullis-browser-", ignore_cleanup_errors=True) as folder:
        with Chromium(folder) as chromium:
            run = Run(report, chromium, binaries, folder, args.screenshots.resolve() / args.example)
            for sessions in ("memory", "cookie"):
                run.everything(sessions)
            run.what_was_printed()
    print(f"screenshots: {args.screenshots / args.example}")
    sys.exit(report.finish())


class Run:
    def __init__(self, report, chromium, binaries, folder, screenshots):
        self.report, self.chromium, self.binaries, self.folder = report, chromium, binaries, folder
        self.apps, self.album = [], Album(screenshots)

    def everything(self, sessions):
        settings = {"PORTCULLIS_SESSIONS": sessions}
        with Application(self.binaries["app"], settings, self.folder, f"demo-{sessions}") as app:
            self.apps.append(app)
            self.demo(demo.SCENARIOS, app.url, f"{sessions} sessions")
        # The same with a provider on another site, whose answers come as posts that bring no cookie.
        settings = settings | elsewhere.FORM_POST
        with Setting(self.binaries, self.folder, f"form-{sessions}", elsewhere.ANOTHER_SITE, settings) as setting:
            self.apps += setting.apps
            self.demo(demo.LOGINS, setting.app.url, f"{sessions} sessions, form_post")
        for number, (name, step, for_provider, for_app) in enumerate(elsewhere.SCENARIOS + provider_logout.SCENARIOS):
            self.elsewhere(f"{name} ({sessions} sessions)", f"elsewhere-{sessions}-{number}", step, for_provider,
                           for_app | {"PORTCULLIS_SESSIONS": sessions})

    def demo(self, names, url, kind):
        for name in names:
            self.scenario(f"{name} ({kind})", url, demo.SCENARIOS[name])

    def elsewhere(self, name, short_name, step, for_provider, for_app):
        with Setting(self.binaries, self.folder, short_name, for_provider, for_app) as setting:
            self.scenario(name, setting.app.url, [lambda visitor: step(visitor, setting)])
            self.apps += setting.apps

    def scenario(self, name, url, steps):
        """One person with a new browser; the steps follow one another."""
        with self.report.scenario(name), self.chromium.browser() as browser:
            visitor = Visitor(browser, url, self.report, self.album)
            try:
                for step in steps:
                    step(visitor)
            except BaseException:
                self.album.keep(browser, f"broken {name}")
                raise
            self.no_complaints(name, browser)

    def no_complaints(self, name, browser):
        """A status of 400 and more is an answer here; a blocked style or script is a mistake."""
        complaints = [entry["message"] for entry in browser.console()
                      if entry["level"] == "SEVERE" and entry["source"] != "network"]
        self.report.equal(f"{name}: the browser's console has no complaint", complaints, [])

    def what_was_printed(self):
        with self.report.scenario("what was printed"):
            for app in self.apps:
                self.report.that(f"{app.name} printed no token", not TOKEN.search(app.output()))
                self.report.that(f"{app.name} did not panic", "panicked at" not in app.output())
        if self.report.failed:
            for app in self.apps:
                lines = [line for line in app.output().splitlines() if " hyper" not in line]
                said = TOKEN.sub("(a token)", "\n".join(lines[-40:]))
                print(f"# the end of what {app.name} printed\n{said}", file=sys.stderr)


if __name__ == "__main__":
    main()
