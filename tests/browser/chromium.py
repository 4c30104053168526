"""Headless Chromium, driven by chromedriver."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess

from waiting import wait_until
from webdriver import Browser

READY_DEADLINE = 20
STOP_DEADLINE = 10
STARTED = re.compile(r"started successfully on port (\d+)")

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
    "--no-first-run", "--no-proxy-server", "--window-size=1200,800",
    # Whatever a page wants from elsewhere fails, and shows up in the console.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


class Chromium:
    """chromedriver and its browsers; a context manager that leaves none of them running."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.output = self.folder / "chromedriver.log"
        self.driver_url, self.profiles, self.open = None, 0, None
        with self.output.open("wb") as output:
            self.process = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True)

    def __enter__(self):
        try:
            wait_until(lambda: self._port() or self.process.poll() is not None, READY_DEADLINE)
            if self._port() is None:
                raise RuntimeError(f"chromedriver did not start\n{self.output.read_text(errors='replace')}")
        except BaseException:
            self.stop()
            raise
        self.driver_url = f"http://127.0.0.1:{self._port()}"
        return self

    def __exit__(self, *_):
        self.stop()

    def _port(self):
        found = STARTED.search(self.output.read_text(errors="replace"))
        return found and found.group(1)

    @contextlib.contextmanager
    def browser(self):
        """A browser that has never been anywhere, or has forgotten it: starting one takes longer than most scenarios.
        One in which something broke is closed."""
        if self.open is None:
            self.open = self._started().__enter__()
        else:
            self.open.forget_everything()
        try:
            yield self.open
        except BaseException:
            broken, self.open = self.open, None
            with contextlib.suppress(Exception):
                broken.__exit__()
            raise

    def _started(self):
        self.profiles += 1
        options = {"binary": shutil.which("chromium"),
                   "args": [*ARGUMENTS, f"--user-data-dir={self.folder}/profile-{self.profiles}"]}
        return Browser(self.driver_url, {"browserName": "chrome", "goog:chromeOptions": options,
                                         "goog:loggingPrefs": {"browser": "ALL"}})

    def stop(self):
        """Ends the driver, and every browser."""
        self.process.terminate()
        try:
            self.process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for number in self._left_over():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        wait_until(lambda: not self._left_over(), STOP_DEADLINE)

    def _left_over(self):
        """The processes whose profile is in our folder."""
        ours = f"--user-data-dir={self.folder}/".encode()
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if ours in path.read_bytes():
                    found.append(int(path.parent.name))
        return found
