"""Bounded waiting, in one place."""

import time


def wait_until(condition, seconds, pause=0.05):
    """Asks `condition` until it holds or `seconds` are over; its last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(pause)
    return answer
