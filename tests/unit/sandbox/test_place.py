"""The seam between a tool and where it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.place import Closed, Command, Keyboard


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


async def test_a_keyboard_types_to_what_it_is_plugged_into() -> None:
    """And to nothing before and after."""
    keyboard, typed = Keyboard(), bytearray()

    async def take(data: bytes) -> None:
        typed.extend(data)

    with pytest.raises(ToolError, match="takes no input"):
        await keyboard.type(b"early")
    keyboard.plug_in(take)
    await keyboard.type(b"now")
    assert keyboard.is_plugged_in
    assert typed == b"now"
    keyboard.plug_in(None)
    with pytest.raises(ToolError, match="takes no input"):
        await keyboard.type(b"late")
