"""Staying alive under a service manager that would start a hopeless gateway again and again.

systemd leaves a process that ended with 78 alone; launchd has no such rule, and after a burst of ends it may stop
starting the job altogether. So the process waits, listening nowhere, until what stands in its way is gone.
Source: config-and-cli §5.3.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from clawfleet.core.errors import GatewayError
from clawfleet.host.services import PERMANENT

TRY_AGAIN_S = 5.0
SAY_AGAIN_S = 60.0


def keep_trying(
    start: Callable[[], int], say: Callable[[str], None], pause: Callable[[float], None] = time.sleep
) -> int:
    """The exit code of `start` once nothing permanent stands in its way; other failures are raised.

    What stands in the way is said when it changes, and once a minute.
    """
    last, said_at = "", 0.0
    while True:
        try:
            return start()
        except GatewayError as error:
            if error.exit_code != PERMANENT:
                raise
            now = time.monotonic()
            if error.message != last or now - said_at >= SAY_AGAIN_S:
                say(f"{error.message}; waiting until this is mended, looked at every {TRY_AGAIN_S:g} s")
                last, said_at = error.message, now
        pause(TRY_AGAIN_S)
