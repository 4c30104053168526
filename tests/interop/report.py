"""One printed line per check, and the count at the end."""

import contextlib
import traceback


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, name, holds, detail=""):
        """Records one check. `detail` is printed only when it failed, so it must not hold a token."""
        if holds:
            self.passed += 1
            print(f"ok {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED {name}" + (f": {detail}" if detail else ""), flush=True)
        return bool(holds)

    def equal(self, name, found, expected):
        return self.that(name, found == expected, f"found {found!r}, expected {expected!r}")

    @contextlib.contextmanager
    def scenario(self, name):
        """A group of checks. What breaks it is one failed check; the scenarios after it still run."""
        print(f"# {name}", flush=True)
        try:
            yield
        except Exception as error:
            traceback.print_exc()
            self.that(f"{name}: runs to its end", False, f"{type(error).__name__}: {error}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0
