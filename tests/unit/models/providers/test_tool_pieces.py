"""Tool calls come out whole or not at all, however a provider cuts and labels their pieces."""

from __future__ import annotations

import re

import pytest

from clawfleet.core.messages import ToolCall
from clawfleet.models.providers.tool_pieces import MAX_ARGUMENT_CHARS, MAX_CALLS, BrokenToolCall, ToolPieces


def test_pieces_with_an_index_are_joined_while_interleaved() -> None:
    pieces = ToolPieces()
    pieces.add(index=0, call_id="a", name="exec", arguments='{"comm')
    pieces.add(index=1, call_id="b", name="read", arguments='{"path":')
    pieces.add(index=0, arguments='and": "ls"}')
    pieces.add(index=1, arguments='"x"}')
    assert pieces.complete() == [ToolCall("a", "exec", '{"command": "ls"}'), ToolCall("b", "read", '{"path":"x"}')]


def test_pieces_with_only_an_id_are_joined() -> None:
    pieces = ToolPieces()
    pieces.add(call_id="a", name="exec", arguments="{")
    pieces.add(call_id="b", name="read", arguments="{")
    pieces.add(call_id="a", arguments='"n": 1}')
    pieces.add(call_id="b", arguments="}")
    assert [call.arguments for call in pieces.complete()] == ['{"n": 1}', "{}"]


def test_without_index_and_id_a_name_starts_a_call_and_the_rest_continues_it() -> None:
    pieces = ToolPieces()
    pieces.add(name="exec", arguments="{")
    pieces.add(arguments="}")
    pieces.add(name="read")
    calls = pieces.complete()
    assert [(call.name, call.arguments) for call in calls] == [("exec", "{}"), ("read", "{}")]
    assert all(re.fullmatch(r"call[0-9a-f]{24}", call.id) for call in calls)
    assert calls[0].id != calls[1].id


def test_whole_calls_that_share_an_index_stay_apart() -> None:
    pieces = ToolPieces()
    pieces.add(index=0, call_id="a", name="exec", arguments="{}")
    pieces.add(index=0, call_id="b", name="exec", arguments='{"n": 2}')
    assert [(call.id, call.arguments) for call in pieces.complete()] == [("a", "{}"), ("b", '{"n": 2}')]


def test_a_repeated_name_is_set_once() -> None:
    pieces = ToolPieces()
    pieces.add(index=0, call_id="a", name="exec")
    pieces.add(index=0, call_id="a", name="exec", arguments="{}")
    assert pieces.complete() == [ToolCall("a", "exec", "{}")]


def test_an_id_that_comes_late_is_kept() -> None:
    pieces = ToolPieces()
    pieces.add(index=0, name="exec")
    pieces.add(index=0, call_id="late", arguments="{}")
    assert pieces.complete()[0].id == "late"


def test_two_calls_never_share_an_id() -> None:
    pieces = ToolPieces()
    pieces.add(index=0, call_id="same", name="exec")
    pieces.add(index=1, call_id="same", name="exec")
    ids = [call.id for call in pieces.complete()]
    assert ids[0] == "same"
    assert len(set(ids)) == 2


def test_a_character_split_over_two_pieces_is_joined() -> None:
    pieces = ToolPieces()
    pieces.add(index=0, name="say", arguments='{"t": "\ud83d')
    pieces.add(index=0, arguments='\ude00"}')
    assert pieces.complete()[0].arguments == '{"t": "\U0001f600"}'


@pytest.mark.parametrize("arguments", ['{"command": "rm -rf', "[1, 2]", '"text"', "null", "{" * 100_000])
def test_arguments_that_are_no_whole_object_are_refused(arguments: str) -> None:
    pieces = ToolPieces()
    pieces.add(index=0, call_id="a", name="exec", arguments=arguments)
    with pytest.raises(BrokenToolCall, match="exec came incomplete or malformed"):
        pieces.complete()


def test_a_call_without_a_name_is_refused() -> None:
    pieces = ToolPieces()
    pieces.add(index=0, call_id="a", arguments="{}")
    with pytest.raises(BrokenToolCall, match="without a name"):
        pieces.complete()


def test_endless_arguments_are_refused_while_they_arrive() -> None:
    pieces = ToolPieces()
    with pytest.raises(BrokenToolCall, match="longer than"):
        for _ in range(MAX_ARGUMENT_CHARS // 1000 + 1):
            pieces.add(index=0, name="exec", arguments="x" * 1000)


def test_endless_calls_are_refused() -> None:
    pieces = ToolPieces()
    with pytest.raises(BrokenToolCall, match="more than"):
        for index in range(MAX_CALLS + 1):
            pieces.add(index=index, name="exec")


def test_it_is_empty_until_a_piece_came() -> None:
    pieces = ToolPieces()
    assert not pieces
    pieces.add(name="exec")
    assert pieces
