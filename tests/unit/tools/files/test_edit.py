"""edit: exact pieces, each once, all or none."""

from __future__ import annotations

import asyncio
import json

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.failures import BadArguments
from clawfleet.tools.files.edit import EditTool
from tests.unit.tools.files.conftest import Desk


async def edit(desk: Desk, **arguments: object) -> str:
    return (await desk.call(EditTool(desk.access), {"path": "f", **arguments})).text


async def test_several_pieces_at_once(desk: Desk) -> None:
    """All found in the file as it was; what one puts in is not found by another."""
    desk.put("f", "a = 1\nb = 2\nc = 3\n")
    edits = [{"oldText": "c = 3", "newText": "a = 1"}, {"oldText": "a = 1", "newText": "a = 9"}]
    assert await edit(desk, edits=edits) == "Successfully replaced 2 block(s) in f."
    assert desk.tree() == {"f": "a = 9\nb = 2\na = 1\n"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"oldText": "a", "newText": "b"},
        {"old_string": "a", "new_string": "b"},
        {"edits": {"oldText": "a", "newText": "b"}},
        {"edits": [{"old_text": "a", "new_text": "b"}]},
        {"edits": json.dumps([{"oldText": "a", "newText": "b"}])},
    ],
)
async def test_other_spellings(desk: Desk, arguments: dict[str, object]) -> None:
    """Models remember other tools."""
    desk.put("f", "a")
    assert await edit(desk, **arguments) == "Successfully replaced 1 block(s) in f."
    assert desk.tree() == {"f": "b"}


async def test_a_miss_shows_what_is_there(desk: Desk) -> None:
    """The file is untouched, and the model can try again at once."""
    desk.put("f", "what is there\n")
    with pytest.raises(ToolError) as caught:
        await edit(desk, edits=[{"oldText": "else", "newText": ""}])
    assert caught.value.message == (
        "Could not find the exact text in f. The old text must match exactly including all whitespace and newlines.\n"
        "Current content of the file:\nwhat is there\n"
    )
    desk.put("f", "x" * 5000)
    with pytest.raises(ToolError, match=r"\[... 1000 more characters\]$"):
        await edit(desk, oldText="else", newText="")


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([("x", "y")], r"Found 2 occurrences of the text in f\. The text must be unique\."),
        ([("one", "1"), ("x", "y")], r"Found 2 occurrences of the text of edits\[1\]"),
        ([("one", "1"), ("none", "y")], r"Could not find the exact text of edits\[1\] in f"),
        ([("one x", "1"), ("x two", "2")], "Two edits overlap"),
        ([("one", "one")], "No changes made to f"),
    ],
)
async def test_what_is_not_clear_changes_nothing(desk: Desk, edits: list[tuple[str, str]], message: str) -> None:
    desk.put("f", "one x two x")
    with pytest.raises(ToolError, match=message):
        await edit(desk, edits=[{"oldText": old, "newText": new} for old, new in edits])
    assert desk.tree() == {"f": "one x two x"}


async def test_the_files_own_line_ends_stay(desk: Desk) -> None:
    """A model that writes LF does not mix them in."""
    desk.put("f", "one\r\ntwo\r\nthree\r\n")
    await edit(desk, oldText="one\ntwo", newText="1\n2")
    assert desk.tree() == {"f": "1\r\n2\r\nthree\r\n"}
    await edit(desk, oldText="three", newText="3\n4")
    assert desk.tree() == {"f": "1\r\n2\r\n3\r\n4\r\n"}


async def test_what_is_no_text_is_left_alone(desk: Desk) -> None:
    path = desk.put("f", b"caf\xe9 a")
    with pytest.raises(ToolError, match="not a text file in UTF-8"):
        await edit(desk, oldText="a", newText="b")
    assert path.read_bytes() == b"caf\xe9 a"


async def test_two_calls_at_once_lose_nothing(desk: Desk) -> None:
    """A turn runs its calls together."""
    desk.put("f", "a b c d")
    tool = EditTool(desk.access)
    calls = [desk.call(tool, {"path": "f", "oldText": letter, "newText": letter * 2}) for letter in "abcd"]
    await asyncio.gather(*calls)
    assert desk.tree() == {"f": "aa bb cc dd"}


@pytest.mark.parametrize(
    "arguments",
    [{}, {"edits": []}, {"edits": [{"oldText": "", "newText": "x"}]}, {"oldText": "x"}, {"edits": [{"x": 1}]}],
)
async def test_arguments_that_make_no_sense(desk: Desk, arguments: dict[str, object]) -> None:
    desk.put("f", "x")
    with pytest.raises(BadArguments):
        await edit(desk, **arguments)


def test_the_schema_is_in_one_piece() -> None:
    """Not every wire takes references."""
    assert "$ref" not in json.dumps(EditTool.spec.parameters)
    assert "$defs" not in EditTool.spec.parameters
