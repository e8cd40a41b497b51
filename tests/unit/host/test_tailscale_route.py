"""The route from the tailnet to a gateway, claimed of a stand-in for the command."""

import asyncio
from pathlib import Path

import pytest

from clawfleet.host import tailscale_route
from clawfleet.host.tailscale import TailscaleFailed
from clawfleet.host.tailscale_route import Mode, RouteWish, claim_route
from tests.support.tailscale import FakeTailscale, without_tailscale


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in needs its time on a machine that is busy."""
    monkeypatch.setattr(tailscale_route, "STOP_S", 30)


def wish(mode: Mode = "serve") -> RouteWish:
    return RouteWish(mode=mode, target=40123, gateway_port=18789)


@pytest.mark.parametrize("mode", ["serve", "funnel"])
async def test_it_is_claimed_in_order_stands_and_ends(tmp_path: Path, mode: Mode) -> None:
    fake = FakeTailscale(tmp_path)
    route = await claim_route(wish(mode), fake.environ)
    assert fake.calls() == ["version", "status --json", "serve status --json", f"{mode} --yes --bg=false 40123"]
    assert route.host == "edge-1.tail1234.ts.net"
    assert list(fake.state()["foreground"].values()) == [[mode, "40123"]]
    lost = asyncio.ensure_future(route.lost())
    await asyncio.sleep(0)
    assert not lost.done()
    await route.close()
    await lost
    assert fake.state()["foreground"] == {}


async def test_a_listener_that_speaks_tls_is_reached_by_tls(tmp_path: Path) -> None:
    fake = FakeTailscale(tmp_path, routes={"443": "https+insecure://127.0.0.1:18789"})
    asked = RouteWish(mode="serve", target=40123, gateway_port=18789, by_tls=True)
    await (await claim_route(asked, fake.environ)).close()
    assert fake.calls()[3] == "serve --yes --https=443 --set-path=/ off"
    assert fake.calls()[4] == "serve --yes --bg=false https+insecure://127.0.0.1:40123"


async def test_a_route_of_former_days_is_taken_over(tmp_path: Path) -> None:
    fake = FakeTailscale(tmp_path, routes={"443": "http://127.0.0.1:18789"})
    await (await claim_route(wish(), fake.environ)).close()
    assert fake.calls()[3] == "serve --yes --https=443 --set-path=/ off"


async def test_somebody_elses_route_is_left_and_named(tmp_path: Path) -> None:
    fake = FakeTailscale(tmp_path, routes={"443": "http://127.0.0.1:3000"})
    with pytest.raises(TailscaleFailed, match="port 443 is already owned by a route") as caught:
        await claim_route(wish(), fake.environ)
    assert "--https=443 --set-path=/ off" in (caught.value.hint or "")
    assert fake.state()["routes"] == {"443": "http://127.0.0.1:3000"}


async def test_a_daemon_that_just_starts_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailscale_route, "POLL_S", 0)
    fake, waits = FakeTailscale(tmp_path, booting=2), list[float]()
    asked = RouteWish(mode="serve", target=40123, gateway_port=18789, wait_more=waits.append)
    await (await claim_route(asked, fake.environ)).close()
    assert fake.calls().count("status --json") == 3
    assert len(waits) == 2
    assert 15 < waits[1] <= waits[0] <= 105  # what is left of the daemon's time, and the command's


async def test_a_daemon_that_never_comes_up_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailscale_route, "BOOT_S", 0)
    fake = FakeTailscale(tmp_path, booting=9, refusal="Tailscale is starting")
    with pytest.raises(TailscaleFailed, match="tailscale serve failed: Tailscale is starting"):
        await claim_route(wish(), fake.environ)


async def test_a_claim_that_is_never_ready_is_given_up_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tailscale_route, "READY_S", 0.5)
    fake = FakeTailscale(tmp_path, silent=True)
    with pytest.raises(TailscaleFailed, match=r"did not become ready within 0\.5 seconds"):
        await claim_route(wish(), fake.environ)
    assert fake.state().get("foreground", {}) == {}


async def test_sudo_is_tried_where_the_user_may_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTailscale(tmp_path, denied=True)
    fake.with_sudo()
    monkeypatch.setenv("USER", "openclaw")
    monkeypatch.setenv("PATH", fake.path)
    route = await claim_route(wish(), fake.environ)
    once = ["status --json", "serve status --json", "serve --yes --bg=false 40123"]
    assert fake.calls() == ["version", *once, *once]
    await route.close()
    assert fake.state()["foreground"] == {}


async def test_without_sudo_the_operator_is_told_what_to_do_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeTailscale(tmp_path, denied=True)
    fake.with_sudo("echo 'sudo: a password is required' >&2; exit 1")
    monkeypatch.setenv("USER", "openclaw")
    monkeypatch.setenv("PATH", fake.path)
    with pytest.raises(TailscaleFailed, match="non-interactive sudo failed: sudo: a password is required") as caught:
        await claim_route(wish(), fake.environ)
    assert "sudo tailscale set --operator=$USER" in (caught.value.hint or "")


async def test_without_the_command_it_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(TailscaleFailed, match="no `tailscale` command"):
        await claim_route(wish(), {"PATH": without_tailscale(tmp_path)})
