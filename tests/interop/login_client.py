"""Our own provider client, driven over its standard input and output: the script is the browser, it the application."""

import json
import os
import subprocess

from application import binary


class LoginClient:
    """A running `portcullis-interop-login` for one client of the server; a context manager."""

    def __init__(self, server, client, folder, **settings):
        self.client = server.client(client)
        environment = {"PATH": os.environ.get("PATH", "")} | server.environment(client) | server.secret(client)
        environment |= settings
        self.errors = open(os.path.join(folder, "login-client.stderr"), "ab")
        self.process = subprocess.Popen([binary("portcullis-interop-login")], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, cwd=folder)

    def __enter__(self):
        self._answer()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    @property
    def redirect_uri(self):
        return self.client["redirect_uris"][0]

    def do(self, command, **arguments):
        self.process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def authorize(self, **arguments):
        return self.do("authorize", redirect_uri=self.redirect_uri, **arguments)["url"]

    def _answer(self):
        """One line. Every request of the client has a deadline of its own, so a line always comes or the pipe ends."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the login client ended with status {self.process.wait(5)}")
        return json.loads(line)
