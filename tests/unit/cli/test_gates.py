"""Whether this machine may run a gateway with this config."""

from __future__ import annotations

import pytest

from clawfleet.access.gateway_auth import UnsafeBind
from clawfleet.cli.context import CliContext
from clawfleet.cli.gates import StartBlocked, may_open, may_start
from tests.unit.cli.conftest import Home


def context(home: Home, text: str | None, **environ: str) -> CliContext:
    if text is not None:
        home.write_config(text)
    return CliContext(environ=home.environ | environ, cwd=home.root)


@pytest.mark.parametrize("text", [None, '{"gateway": {"mode": "local"}}'])
def test_a_local_gateway_and_a_missing_file_may_start(home: Home, text: str | None) -> None:
    may_start(context(home, text).snapshot, allow_unconfigured=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"gateway": {"mode": "remote"}}', r"set gateway\.mode=local \(current: remote\)"),
        ('{"agents": {}}', r"existing config is missing gateway\.mode"),
    ],
)
def test_a_config_for_another_purpose_blocks_the_start(home: Home, text: str, message: str) -> None:
    snapshot = context(home, text).snapshot
    with pytest.raises(StartBlocked, match=f"^Gateway start blocked: {message}") as caught:
        may_start(snapshot, allow_unconfigured=False)
    assert caught.value.exit_code == 78
    may_start(snapshot, allow_unconfigured=True)


LAN = '{"gateway": {"mode": "local", "bind": "lan"}}'


def test_a_gateway_without_a_chosen_secret_stays_on_loopback(home: Home) -> None:
    """Also when it keeps a token of its own making from an earlier start."""
    home.store_dir.mkdir()
    (home.store_dir / "gateway-token").write_text("kept")
    with pytest.raises(UnsafeBind, match=r"^Refusing to bind gateway to lan without auth\.$") as caught:
        may_open(context(home, LAN).snapshot)
    assert caught.value.exit_code == 78
    with pytest.raises(UnsafeBind, match="to lan without"):
        may_open(context(home, '{"gateway": {"mode": "local"}}').snapshot, bind="lan")


def test_a_chosen_secret_opens_the_network(home: Home) -> None:
    may_open(context(home, LAN).snapshot, has_secret=True)
    may_open(context(home, None, OPENCLAW_GATEWAY_TOKEN="x").snapshot)
    may_open(context(home, None, OPENCLAW_GATEWAY_PASSWORD="x").snapshot)
    may_open(context(home, '{"gateway": {"mode": "local", "bind": "lan", "auth": {"token": "x"}}}').snapshot)


def test_no_auth_is_for_loopback_only(home: Home) -> None:
    snapshot = context(home, '{"gateway": {"mode": "local", "auth": {"mode": "none"}}}').snapshot
    may_open(snapshot)
    with pytest.raises(UnsafeBind):
        may_open(snapshot, bind="lan", has_secret=True)
    with pytest.raises(UnsafeBind):
        may_open(context(home, LAN).snapshot, auth="none", has_secret=True)
