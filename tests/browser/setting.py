"""An application and a provider, each a process of its own."""

from application import Application
from server import free_port

CLIENT = {"PORTCULLIS_CLIENT_ID": "app", "PORTCULLIS_CLIENT_SECRET": "a-secret-that-is-no-secret-0123456789",
          # The permissions are in the access token.
          "PORTCULLIS_AUDIENCE": "https://api.example.com"}


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
        name = f"{self.name}-{len(self.apps)}"
        self.app = Application(self.binaries["app"], settings, self.folder, name).__enter__()
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
