"""Who is behind an address of the tailnet, asked of the Tailscale of this machine. Source: deploy §11 (Identity)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clawfleet.host.tailscale import TailscaleFailed, ask, find_tailscale, login_of, object_in

KNOWN_S = 60.0
FAILED_S = 5.0
MOST_KEPT = 1000


@dataclass(slots=True)
class Whois:
    """Asks `tailscale whois` and keeps each answer for a minute, a failure for some seconds."""

    environ: Callable[[], Mapping[str, str]]
    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, str | None]] = field(default_factory=dict)

    async def __call__(self, address: str) -> str | None:
        """The login name of the user behind `address`; None when Tailscale knows none, or is not there."""
        until, login = self._kept.get(address, (0.0, None))
        if self.clock() < until:
            return login
        login, keep_s = await self._ask(address)
        self._kept.pop(address, None)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[address] = (self.clock() + keep_s, login)
        return login

    async def _ask(self, address: str) -> tuple[str | None, float]:
        command = find_tailscale(self.environ())
        if command is None:
            return None, FAILED_S
        try:
            done = await ask(command, "whois", "--json", address)
        except TailscaleFailed:
            return None, FAILED_S
        return (login_of(object_in(done.out)), KNOWN_S) if done.ok else (None, FAILED_S)
