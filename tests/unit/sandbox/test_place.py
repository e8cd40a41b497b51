"""The seam between a tool and where it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.place import Closed, Command


def test_a_commands_variables_do_not_show() -> None:
    """A command that ends in a log or an error keeps its secrets."""
    assert "hunter2" not in repr(Command("env", Path("/w"), None, {"TOKEN": "hunter2"}))


async def test_a_closed_place_runs_nothing_and_says_why() -> None:
    """The reason is the one given, and no output comes first."""
    reason = SandboxUnavailable("closed today")
    place = Closed("sandbox", reason)
    said = bytearray()
    with pytest.raises(SandboxUnavailable) as caught:
        await place.run(Command("env", Path("/w")), said.extend)
    assert caught.value is reason
    assert not said
    assert place.host == "sandbox"
    assert place.directory(Command("env", Path("/w"))) == "/w"
