"""Whether this machine may run a gateway with this config."""

from __future__ import annotations

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.gates import StartBlocked, may_start
from tests.unit.cli.conftest import Home


def context(home: Home, text: str | None) -> CliContext:
    if text is not None:
        home.write_config(text)
    return CliContext(environ=home.environ, cwd=home.root)


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
