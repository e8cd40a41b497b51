"""The signals that stop a gateway: the first asks for an orderly stop, the second for one that waits for nothing."""

from __future__ import annotations

import asyncio
import logging
import signal

log = logging.getLogger("clawfleet.gateway")


class StopSignals:
    """SIGTERM and SIGINT of this process. Made on the running loop, which it hears them on."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._hear, number)

    def _hear(self, number: signal.Signals) -> None:
        log.info("received %s; shutting down", number.name)
        (self.second if self.first.is_set() else self.first).set()
