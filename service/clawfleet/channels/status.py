"""How each account is: what the supervisor knows, and `health`, `status` and `channels.status` tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clawfleet.channels.base import Account, Link, Probe

TIMES = (("in", "lastInboundAt"), ("out", "lastOutboundAt"), ("transport", "lastTransportActivityAt"))


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

    def to_wire(self) -> dict[str, Any]:
        """The account as protocol clients read it. Source: protocol schema `ChannelsStatusResult`."""
        return {
            **wire_of(self.account),
            "running": self.running,
            "connected": self.connected,
            "lifecycle": "ready" if self.connected else "starting" if self.running else "stopped",
            "restartPending": self.waiting,
            "reconnectAttempts": self.restarts,
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


def wire_of(account: Account) -> dict[str, Any]:
    """What is known of an account without a gateway: the config's part of `AccountStatus.to_wire`."""
    return {
        "accountId": account.account,
        "enabled": account.enabled,
        "configured": account.configured,
        "mode": account.mode,
        "tokenSource": account.token_source,
        "tokenStatus": "available" if account.configured else "missing",
        "lastError": account.problem if account.enabled else None,
    }


def words(row: Mapping[str, Any], at_ms: int) -> list[str]:
    """The parts of an account's line, in their order, as far as `row` (in wire form) knows them.

    Source: channels §2.15.
    """
    probe = row.get("probe")
    usable = row.get("configured")
    parts = [
        "enabled" if row.get("enabled") else "disabled",
        "configured" if usable else "not configured",
        _either(row.get("running"), "running", "stopped"),
        _either(row.get("connected") if row.get("running") else None, "connected", "disconnected"),
        *(f"{word}:{ago(at_ms - row[key])}" for word, key in TIMES if row.get(key)),
        f"mode:{row['mode']}" if usable and row.get("mode") else "",
        f"bot:{row['bot']}" if row.get("bot") else "",
        "token:***" if usable else "",
        _either(probe.get("ok") if probe else None, "works", "probe failed"),
        f"error:{row['lastError']}" if row.get("lastError") else "",
    ]
    if probe and probe.get("error") and probe["error"] != row.get("lastError"):
        parts.append(f"error:{probe['error']}")
    return [part for part in parts if part]


def ago(age_ms: int) -> str:
    """An age for people: `just now`, `5m ago`, `3h ago`, `2d ago`."""
    minutes = age_ms // 60_000
    if minutes < 1:
        return "just now"
    return (
        f"{minutes}m ago" if minutes < 60 else f"{minutes // 60}h ago" if minutes < 1440 else f"{minutes // 1440}d ago"
    )


def _either(value: object, yes: str, no: str) -> str:
    return "" if value is None else yes if value else no


def _probe_to_wire(probe: Probe, elapsed_ms: int | None) -> dict[str, Any]:
    bot = {"username": probe.identity.removeprefix("@")} if probe.identity else None
    return {"ok": probe.ok, "error": probe.error, "bot": bot, "elapsedMs": elapsed_ms}
