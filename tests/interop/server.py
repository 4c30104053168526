"""The real Fief server, started and stopped by the scripts beside it."""

import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys

import http_client
from waiting import wait_until

# The very first start also makes the virtual environment and compiles a database driver.
START_DEADLINE = 600
STOP_DEADLINE = 60
# Tokens are taken from the redirect itself, so nobody listens here.
REDIRECT_URI = "http://127.0.0.1:9/callback"
LOGGED = re.compile(r'"([A-Z]+) ([^ ?"]+)[^ "]* HTTP/')


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class FiefServer:
    """A context manager: the server runs inside it and is stopped however it is left."""

    def __init__(self, scripts, venv, state):
        self.scripts, self.venv, self.state = pathlib.Path(scripts), pathlib.Path(venv), pathlib.Path(state)
        self.settings, self.port = None, free_port()

    def __enter__(self):
        try:
            self.settings = json.loads(self._first_start())
        except BaseException:
            self._stop()
            raise
        return self

    def _first_start(self):
        # Of the keys that the scripts choose one in 64 begins with a dash, and their own reader of arguments refuses it.
        try:
            return self._start()
        except RuntimeError as error:
            print(f"[fief] {error}; once more with other keys", file=sys.stderr)
            self._stop()
            shutil.rmtree(self.state, ignore_errors=True)
            return self._start()

    def __exit__(self, *_):
        self._stop()

    @contextlib.contextmanager
    def away(self):
        """Inside it nobody answers; afterwards the server is back, with all that it knew."""
        self._stop()
        yield
        self.settings = json.loads(self._start())

    def _start(self):
        command = ["bash", str(self.scripts / "run.sh"), "start", "--venv", str(self.venv), "--dir", str(self.state),
                   "--port", str(self.port), "--redirect-uri", REDIRECT_URI]
        # A group of its own: when we are told to stop, its installer must not outlive us.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=sys.stderr,
                                   start_new_session=True, text=True)
        try:
            out, _ = process.communicate(timeout=START_DEADLINE)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if process.returncode != 0:
            raise RuntimeError(f"run.sh start ended with status {process.returncode}")
        return out

    def _stop(self):
        subprocess.run(["bash", str(self.scripts / "run.sh"), "stop", "--dir", str(self.state)],
                       stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=STOP_DEADLINE, check=False)

    @property
    def base_url(self):
        return self.settings["base_url"]

    @property
    def issuer(self):
        return self.settings["issuer"]

    def client(self, name):
        return self.settings["clients"][name]

    def user(self, name):
        return self.settings["users"][name]

    def environment(self, client):
        """The settings of an application that is this client; whether it sends a secret is its own affair."""
        return {"PORTCULLIS_ISSUER": self.issuer, "PORTCULLIS_INTERNAL_URL": self.base_url,
                "PORTCULLIS_PROFILE": "fief", "PORTCULLIS_CLIENT_ID": self.client(client)["client_id"]}

    def secret(self, client):
        """The setting of the client's secret; a public client has none."""
        secret = self.client(client)["client_secret"]
        return {"PORTCULLIS_CLIENT_SECRET": secret} if secret else {}

    def requests(self):
        """How often each method and path was asked so far, whatever was answered."""
        with open(self.settings["logs"]["server"], encoding="utf-8", errors="replace") as log:
            return collections.Counter(LOGGED.findall(log.read()))

    def register(self, client, redirect_uri):
        """Lets the server send the client's users back to one more address."""
        known = self._administration("GET", "/clients/?limit=100")["results"]
        found = next(entry for entry in known if entry["client_id"] == self.client(client)["client_id"])
        self._administration("PATCH", f"/clients/{found['id']}",
                             {"redirect_uris": [*found["redirect_uris"], redirect_uri]})

    def _administration(self, method, path, change=None):
        body = None if change is None else json.dumps(change).encode()
        headers = [*http_client.bearer(self.settings["admin_api_key"]), ("Content-Type", "application/json")]
        answer = http_client.request(method, self.settings["admin_api_url"] + path, headers, body)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path.partition('?')[0]} at the server: {answer.status} {answer.body[:200]}")
        return answer.json()

    def rotate_key(self):
        """Gives the server a new signing key; it never publishes two. Returns the new key's id."""
        command = [str(self.venv / "bin" / "python"), "-B", str(self.scripts / "rotate_key.py"), str(self.state)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                              timeout=60).stdout.strip()


class RequestCounter:
    """Counts one kind of request to the server from now on."""

    # The log line is written after the answer was sent, so a count is read twice: when enough, and once more.
    SETTLE = 0.3

    def __init__(self, server, method, path):
        self.server, self.method, self.path = server, method, path
        self.before = self._total()

    def _total(self):
        return self.server.requests()[self.method, self.path]

    def since(self, expected):
        """The count, read when it has reached `expected` (or never does) and had time to exceed it."""
        wait_until(lambda: self._total() - self.before >= expected, 3)
        wait_until(lambda: self._total() - self.before > expected, self.SETTLE)
        return self._total() - self.before
