"""The signals of a gateway: one asks for a restart in place; two stop it, in order first, then without waiting."""

from __future__ import annotations

import asyncio
import logging
import signal

log = logging.getLogger("clawfleet.gateway")


class StopSignals:
    """SIGTERM, SIGINT and SIGUSR2 of this process. Made on the running loop, which it hears them on."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()
        self.restart = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._hear, number)
        loop.add_signal_handler(signal.SIGUSR2, self._hear_restart)

    def _hear_restart(self) -> None:
        log.info("received SIGUSR2; restarting in this process")
        self.restart.set()

    def _hear(self, number: signal.Signals) -> None:
        log.info("received %s; shutting down", number.name)
        (self.second if self.first.is_set() else self.first).set()
