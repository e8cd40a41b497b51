"""How each account is: what the supervisor knows and `channels.status` tells."""

from __future__ import annotations

from dataclasses import dataclass

from clawfleet.channels.base import Account, Link, Probe


@dataclass(slots=True)
class AccountStatus:
    """One account's row. Times are milliseconds since the epoch, None for: never.

    `restarts` counts how often it was started again after a failure; `waiting` is True between two tries.
    """

    account: Account
    link: Link
    running: bool = False
    waiting: bool = False
    restarts: int = 0
    last_start_at_ms: int | None = None
    last_stop_at_ms: int | None = None
    last_connected_at_ms: int | None = None
    last_inbound_at_ms: int | None = None
    last_outbound_at_ms: int | None = None
    last_probe_at_ms: int | None = None
    last_error: str | None = None
    probe: Probe | None = None
    probe_ms: int | None = None

    @property
    def connected(self) -> bool:
        """Whether messages can come in right now."""
        return self.running and self.link.connected

    @property
    def error(self) -> str | None:
        """What keeps the account from working now; None while it is connected."""
        return None if self.connected else self.last_error
