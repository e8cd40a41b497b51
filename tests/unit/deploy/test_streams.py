"""What `exec` types on a host: a gateway's user never gets the terminal of whoever types."""

from __future__ import annotations

import pytest

from control.streams import openclaw, own_terminal
from tests.unit.deploy.recipes import gateway

PROGRAM = ["/opt/clawfleet/instances/ops/current/bin/openclaw", "--profile", "ops", "status"]


@pytest.mark.parametrize("via", ["ssh", "docker"])
def test_ssh_and_docker_give_a_terminal_of_their_own(via: str) -> None:
    """There runuser adds none."""
    words = openclaw(gateway(), ["status"], own_terminal(via, terminal=True))
    assert words[:6] == ["runuser", "-u", "openclaw", "--", "env", "-C"]
    assert words[-4:] == PROGRAM


@pytest.mark.parametrize(("terminal", "flags"), [(True, ["--pty"]), (False, [])])
def test_on_this_machine_the_gateways_user_is_kept_apart(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, flags: list[str]
) -> None:
    """A session of its own, a terminal of its own if there is one, and nothing of the operator's environment."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("LANG", raising=False)
    words = openclaw(gateway(), ["status"], own_terminal("local", terminal=terminal))
    begin = ["runuser", *flags, "-s", "/bin/sh", "-c", 'exec "$@"', "--", "openclaw", "sh", "env", "-i"]
    assert words[: len(begin)] == begin
    assert "TERM=xterm" in words
    assert words[-4:] == PROGRAM


def test_a_gateway_of_roots_is_root() -> None:
    """Nobody else is behind the terminal."""
    words = openclaw(gateway(osUser="root"), ["status"], own_terminal("local", terminal=True))
    assert words[:3] == ["env", "-C", "/root"]
