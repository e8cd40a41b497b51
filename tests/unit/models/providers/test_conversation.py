"""What every wire API tells alike of a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.core.messages import Image, Message, Thought, ToolCall, ToolSpec
from clawfleet.models.providers.base import Sampling
from clawfleet.models.providers.conversation import (
    WireIds,
    arguments_of,
    choice_of,
    data_url,
    in_order,
    own_thoughts,
    text_of,
)

PIXEL = Image("image/png", "iVBORw0KGgo=")


def test_a_picture_that_cannot_be_shown_leaves_a_note() -> None:
    message = Message("user", "look", images=(PIXEL,))
    assert text_of(message, shows=True) == "look"
    assert text_of(message, shows=False) == "look\n[image/png left out: this model reads text only]"
    assert text_of(Message("user", images=(PIXEL,)), shows=False).startswith("[image/png")
    assert data_url(PIXEL) == "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(("said", "found"), [("", {}), ('{"a":1}', {"a": 1}), ("[1]", {}), ("{", {})])
def test_arguments_are_an_object(said: str, found: dict[str, int]) -> None:
    assert arguments_of(ToolCall("a", "exec", said)) == found


def test_thoughts_of_others_are_left_out() -> None:
    own, other = Thought("p/m", "s"), Thought("p/n", "s")
    assert own_thoughts(Message("assistant", thoughts=(own, other)), "p/m") == [own]


def test_tools() -> None:
    b, a = ToolSpec("b", "B", {"type": "object"}), ToolSpec("a", "A")
    assert in_order((b, a)) == [a, b]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (None, ("auto", "")),
        ("auto", ("auto", "")),
        ("required", ("required", "")),
        ("none", ("none", "")),
        ({"type": "function", "function": {"name": "exec"}}, ("tool", "exec")),
        ({"type": "function", "name": "exec"}, ("tool", "exec")),
        ({"type": "allowed_tools"}, ("auto", "")),
    ],
)
def test_choices(said: Any, found: tuple[str, str]) -> None:
    assert choice_of(Sampling(tool_choice=said)) == found


def test_ids_are_clean_and_unique_and_results_follow_their_newest_call() -> None:
    ids = WireIds(r"[^a-z0-9]", "")
    assert [ids.call("a-1"), ids.call("a1"), ids.call("a-1"), ids.call("--")] == ["a1", "a12", "a13", "call"]
    assert [ids.result("a-1"), ids.result("a1"), ids.result("z-9"), ids.result("")] == ["a13", "a12", "z9", "call"]
