"""How each account is: what the supervisor knows, and `health`, `status` and `channels.status` tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
        """What keeps the account from working now; None while it is connected, or switched off."""
        return None if self.connected or not self.account.enabled else self.last_error

    @property
    def words(self) -> list[str]:
        """The state in the words of the status line, in its order. Source: channels §2.15."""
        words = [
            "enabled" if self.account.enabled else "disabled",
            "configured" if self.account.configured else "not configured",
            "running" if self.running else "stopped",
        ]
        if self.running:
            words.append("connected" if self.connected else "disconnected")
        if self.error:
            words.append(f"error:{self.error}")
        return words

    def to_wire(self) -> dict[str, Any]:
        """The account as protocol clients read it. Source: protocol schema `ChannelsStatusResult`."""
        account = self.account
        return {
            "accountId": account.account,
            "enabled": account.enabled,
            "configured": account.configured,
            "running": self.running,
            "connected": self.connected,
            "lifecycle": "ready" if self.connected else "starting" if self.running else "stopped",
            "restartPending": self.waiting,
            "reconnectAttempts": self.restarts,
            "mode": account.mode,
            "tokenSource": account.token_source,
            "tokenStatus": "available" if account.configured else "missing",
            "lastError": self.error,
            "lastStartAt": self.last_start_at_ms,
            "lastStopAt": self.last_stop_at_ms,
            "lastConnectedAt": self.link.connected_at_ms or self.last_connected_at_ms,
            "lastTransportActivityAt": self.link.last_seen_at_ms,
            "lastInboundAt": self.last_inbound_at_ms,
            "lastOutboundAt": self.last_outbound_at_ms,
            "lastProbeAt": self.last_probe_at_ms,
            "bot": self.link.identity,
            "probe": None if self.probe is None else _probe_to_wire(self.probe, self.probe_ms),
        }


def summary(rows: Iterable[AccountStatus]) -> dict[str, dict[str, Any]]:
    """One row a channel, that of its first account: what `health` tells."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.account.channel, row.to_wire())
    return found


def _probe_to_wire(probe: Probe, elapsed_ms: int | None) -> dict[str, Any]:
    bot = {"username": probe.identity.removeprefix("@")} if probe.identity else None
    return {"ok": probe.ok, "error": probe.error, "bot": bot, "elapsedMs": elapsed_ms}
