"""Who is behind an address of the tailnet, asked of a stand-in for the command."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.access import tailscale
from clawfleet.access.tailscale import FAILED_S, KNOWN_S, Whois
from tests.support.tailscale import FakeTailscale, without_tailscale


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def whois_of(environ: Mapping[str, str], clock: Clock) -> Whois:
    return Whois(lambda: environ, clock)


async def test_the_login_is_what_tailscale_says_and_is_kept_for_a_minute(tmp_path: Path) -> None:
    fake, clock = FakeTailscale(tmp_path, logins={"100.64.0.9": "ann@example.com"}), Clock()
    whois = whois_of(fake.environ, clock)
    assert [await whois("100.64.0.9") for _ in range(3)] == ["ann@example.com"] * 3
    assert fake.calls() == ["whois --json 100.64.0.9"]
    fake.change(logins={"100.64.0.9": "bob@example.com"})
    clock.now = KNOWN_S - 0.1
    assert await whois("100.64.0.9") == "ann@example.com"
    clock.now = KNOWN_S
    assert await whois("100.64.0.9") == "bob@example.com"


async def test_a_failure_is_kept_for_seconds_only(tmp_path: Path) -> None:
    fake, clock = FakeTailscale(tmp_path), Clock()
    whois = whois_of(fake.environ, clock)
    assert [await whois("100.64.0.8"), await whois("100.64.0.8")] == [None, None]
    assert len(fake.calls()) == 1
    fake.change(logins={"100.64.0.8": "ann@example.com"})
    clock.now = FAILED_S
    assert await whois("100.64.0.8") == "ann@example.com"


async def test_a_command_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.host.tailscale.TIMEOUT_S", 0.05)
    monkeypatch.setattr("clawfleet.host.tailscale.ask.__defaults__", None, raising=False)
    monkeypatch.setattr("clawfleet.host.tailscale.ask.__kwdefaults__", {"timeout_s": 0.05})
    (tmp_path / "tailscale").write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    (tmp_path / "tailscale").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    assert await whois_of(environ, Clock())("100.64.0.9") is None


async def test_without_tailscale_nobody_is_known(tmp_path: Path) -> None:
    assert await whois_of({"PATH": without_tailscale(tmp_path)}, Clock())("100.64.0.9") is None


async def test_no_more_is_kept_than_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailscale, "MOST_KEPT", 2)
    whois = whois_of({"PATH": without_tailscale(tmp_path)}, Clock())
    for number in range(5):
        await whois(f"100.64.0.{number}")
    assert list(whois._kept) == ["100.64.0.3", "100.64.0.4"]
