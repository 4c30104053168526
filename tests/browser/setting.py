"""An application and a provider, each a process of its own."""

import contextlib

from application import Application
from server import free_port

CLIENT = {"PORTCULLIS_CLIENT_ID": "app", "PORTCULLIS_CLIENT_SECRET": "a-secret-that-is-no-secret-0123456789",
          # The permissions are in the access token.
          "PORTCULLIS_AUDIENCE": "https://api.example.com"}
NOT_BUILT = "is not part of this version"


class NotBuilt(Exception):
    """The application refuses a setting whose capability it does not have yet."""


class Setting:
    """A context manager: both run inside it, and neither outside."""

    def __init__(self, binaries, folder, name, provider_settings, app_settings):
        self.binaries, self.folder, self.name = binaries, folder, name
        # Each has to know the other's address before it runs.
        port, provider_port = free_port(), free_port()
        self.app_settings = {"LISTEN": f"127.0.0.1:{port}"} | CLIENT | app_settings
        self.provider_settings = {"LISTEN": f"127.0.0.1:{provider_port}",
                                  "BASE_URL": f"http://127.0.0.1:{port}"} | provider_settings
        self.provider = self.app = None
        self.apps = []

    def __enter__(self):
        self.start_provider()
        try:
            self._start_application()
        except BaseException:
            self.provider.kill()
            raise
        return self

    def __exit__(self, *_):
        self.app.kill()
        self.provider.kill()

    def _start_application(self):
        settings = {"PORTCULLIS_ISSUER": self.provider.url} | self.app_settings
        self.app = started(Application(self.binaries["app"], settings, self.folder, f"{self.name}-{len(self.apps)}"))
        self.apps.append(self.app)

    def restart_application(self):
        """The same application at the same address, which remembers nothing."""
        self.app.stop()
        self.app.kill()
        self._start_application()

    def start_provider(self):
        """A provider at the same address, which remembers nothing either."""
        self.provider = Application(self.binaries["provider"], self.provider_settings, self.folder,
                                    f"{self.name}-provider").__enter__()

    def stop_provider(self):
        self.provider.kill()


def started(app):
    """Waits until the application listens."""
    try:
        return app.__enter__()
    except RuntimeError:
        if NOT_BUILT in app.output():
            raise NotBuilt from None
        raise


@contextlib.contextmanager
def alone(binaries, folder, name, settings):
    """The application with its embedded provider."""
    app = started(Application(binaries["app"], settings, folder, name))
    try:
        yield app
    finally:
        app.kill()
