"""An account's row: in words for people, in keys for clients."""

import pytest

from clawfleet.channels.base import Link, Probe
from clawfleet.channels.status import AccountStatus, ago, wire_of, words
from tests.unit.channels.fake_channel import account


def connected() -> AccountStatus:
    link = Link()
    link.up("@clawy_bot")
    return AccountStatus(account(), link, running=True, last_error="was away")


def said(row: AccountStatus) -> str:
    return ", ".join(words(row.to_wire(), row.link.last_seen_at_ms or 0))


def test_a_connected_account_says_so_and_forgets_its_old_trouble() -> None:
    row = connected()
    assert said(row) == (
        "enabled, configured, running, connected, transport:just now, mode:polling, bot:@clawy_bot, token:***"
    )
    assert row.to_wire()["lastError"] is None
    assert row.to_wire()["lifecycle"] == "ready"


def test_a_broken_account_says_why() -> None:
    row = AccountStatus(account(), Link(), waiting=True, restarts=3, last_error="no answer")
    assert said(row) == "enabled, configured, stopped, mode:polling, token:***, error:no answer"
    wire = row.to_wire()
    assert (wire["lastError"], wire["reconnectAttempts"], wire["restartPending"]) == ("no answer", 3, True)


def test_an_account_that_runs_without_a_connection_is_disconnected() -> None:
    assert "running, disconnected" in said(AccountStatus(account(), Link(), running=True))


def test_an_account_without_a_token_is_not_configured_and_one_that_is_off_has_no_trouble() -> None:
    off = AccountStatus(account(enabled=False, configured=False), Link(), last_error="no token")
    on = AccountStatus(account(configured=False), Link(), last_error="no token")
    assert said(off) == "disabled, not configured, stopped"
    assert said(on) == "enabled, not configured, stopped, error:no token"
    assert off.to_wire()["tokenStatus"] == "missing"


def test_times_are_said_as_ages_in_their_order() -> None:
    row = {"lastInboundAt": 1, "lastOutboundAt": 300_000, "enabled": True, "configured": True}
    assert words(row, 300_001) == ["enabled", "configured", "in:5m ago", "out:just now", "token:***"]


@pytest.mark.parametrize(
    ("age_ms", "text"),
    [(0, "just now"), (59_999, "just now"), (60_000, "1m ago"), (3_600_000, "1h ago"), (90_000_000, "1d ago")],
)
def test_ages_are_rough(age_ms: int, text: str) -> None:
    assert ago(age_ms) == text


@pytest.mark.parametrize(
    ("probe", "end"), [(Probe(True, "@b"), "works"), (Probe(False, error="no"), "probe failed, error:no")]
)
def test_a_probe_ends_the_line(probe: Probe, end: str) -> None:
    row = connected()
    row.probe = probe
    assert said(row).endswith(f"token:***, {end}")


def test_without_a_gateway_the_config_alone_speaks() -> None:
    assert ", ".join(words(wire_of(account()), 0)) == "enabled, configured, mode:polling, token:***"


def test_a_probe_travels_with_its_time() -> None:
    row = connected()
    row.probe, row.probe_ms = Probe(True, "@clawy_bot"), 12
    assert row.to_wire()["probe"] == {"ok": True, "error": None, "bot": {"username": "clawy_bot"}, "elapsedMs": 12}
