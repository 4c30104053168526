"""The example binary as an operator runs it: settings in the environment, a readiness line, SIGTERM."""

import functools
import json
import os
import pathlib
import re
import signal
import subprocess

import http_client
from waiting import wait_until

BUILD_DEADLINE = 1800
READY_DEADLINE = 20
STOP_DEADLINE = 10
NOT_BUILT = "is not part of this version"
READY = re.compile(r"^listening on (http://\S+?)/?$", re.MULTILINE)


class NotBuilt(RuntimeError):
    """The application refuses a setting whose capability it does not have yet."""


@functools.cache
def binary(package):
    """The path in API_AXUM_BIN (for api-axum), or a binary built now."""
    named = os.environ.get(package.upper().replace("-", "_") + "_BIN")
    return pathlib.Path(named).resolve() if named else built(package)


def example(package, name):
    """The binary of an example of this package, built now."""
    return built(package, name, "--example", name)


def built(package, target=None, *options):
    command = ["cargo", "build", "-p", package, *options, "--message-format=json-render-diagnostics"]
    output = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
                            timeout=BUILD_DEADLINE).stdout
    messages = (json.loads(line) for line in output.splitlines() if line.startswith("{"))
    found = [message["executable"] for message in messages
             if message.get("reason") == "compiler-artifact" and message["target"]["name"] == (target or package)
             and message.get("executable")]
    if not found:
        raise RuntimeError(f"cargo build -p {package} made no binary")
    return pathlib.Path(found[-1])


def environment(settings):
    """Only the settings given, and as much log as our own code can write: it is searched for tokens."""
    base = {"PATH": os.environ.get("PATH", ""), "LISTEN": "127.0.0.1:0", "RUST_LOG": "debug,portcullis=trace",
            "RUST_BACKTRACE": "1"}
    return base | settings


class Application:
    """A running application; a context manager that never leaves it running."""

    def __init__(self, executable, settings, folder, name):
        self.name = name
        self.stdout, self.stderr = pathlib.Path(folder, f"{name}.stdout"), pathlib.Path(folder, f"{name}.stderr")
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self.process = subprocess.Popen([executable], env=environment(settings), stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=err, cwd=folder)
        self.url = None

    def __enter__(self):
        try:
            wait_until(lambda: self.printed_url() or self.process.poll() is not None, READY_DEADLINE)
            self.url = self.printed_url()
            if self.url is None:
                kind = NotBuilt if NOT_BUILT in self.output() else RuntimeError
                raise kind(f"{self.name} is not listening; status {self.process.poll()}\n{self.output()}")
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_):
        self.kill()

    def printed_url(self):
        found = READY.search(self.stdout.read_text(errors="replace"))
        return found and found.group(1)

    def output(self):
        return self.stdout.read_text(errors="replace") + self.stderr.read_text(errors="replace")

    def call(self, path, token=None, method="GET", headers=(), body=None):
        sent = list(headers) + (http_client.bearer(token) if token is not None else [])
        return http_client.request(method, self.url + path, sent, body)

    def stop(self):
        """Asks for a clean stop; the exit status, or None when the application did not end in time."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(STOP_DEADLINE)

    def wait(self, seconds):
        """The exit status, or None when the application still runs after `seconds`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
