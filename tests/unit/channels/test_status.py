"""An account's row: in words for people, in keys for clients."""

from clawfleet.channels.base import Link, Probe
from clawfleet.channels.status import AccountStatus, summary
from tests.unit.channels.fake_channel import account


def connected() -> AccountStatus:
    link = Link()
    link.up("@clawy_bot")
    return AccountStatus(account(), link, running=True, last_error="was away")


def test_a_connected_account_says_so_and_forgets_its_old_trouble() -> None:
    row = connected()
    assert row.words == ["enabled", "configured", "running", "connected"]
    assert row.to_wire()["lastError"] is None
    assert row.to_wire()["lifecycle"] == "ready"
    assert row.to_wire()["bot"] == "@clawy_bot"


def test_a_broken_account_says_why() -> None:
    row = AccountStatus(account(), Link(), waiting=True, restarts=3, last_error="no answer")
    assert row.words == ["enabled", "configured", "stopped", "error:no answer"]
    wire = row.to_wire()
    assert (wire["lastError"], wire["reconnectAttempts"], wire["restartPending"]) == ("no answer", 3, True)


def test_an_account_without_a_token_is_not_configured() -> None:
    row = AccountStatus(account(enabled=False, configured=False), Link(), last_error="no token")
    assert row.words == ["disabled", "not configured", "stopped"]
    on = AccountStatus(account(configured=False), Link(), last_error="no token")
    assert on.words == ["enabled", "not configured", "stopped", "error:no token"]
    assert row.to_wire()["tokenStatus"] == "missing"


def test_a_probe_travels_with_its_time() -> None:
    row = connected()
    row.probe, row.probe_ms = Probe(True, "@clawy_bot"), 12
    assert row.to_wire()["probe"] == {"ok": True, "error": None, "bot": {"username": "clawy_bot"}, "elapsedMs": 12}


def test_a_channel_is_summed_up_by_its_first_account() -> None:
    rows = [connected(), AccountStatus(account("ops"), Link())]
    assert {name: row["accountId"] for name, row in summary(rows).items()} == {"telegram": "default"}
