"""What MCP servers answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from clawfleet.core.messages import Image
from clawfleet.tools.base import ToolResult
from clawfleet.tools.mcp.results import MOST_CHARS, MOST_IMAGES, read_result


def block(kind: str, **more: Any) -> Any:
    return SimpleNamespace(type=kind, **more)


def read(*blocks: Any, is_error: bool = False, structured: Any = None) -> ToolResult:
    result = SimpleNamespace(content=list(blocks), is_error=is_error, structured_content=structured)
    return read_result(result, lambda text: text.replace("secret", "***"), server="s", tool="t")


def test_texts_and_pictures_stay_what_they_are() -> None:
    result = read(
        block("text", text="one"), block("image", mime_type="image/png", data="AAAA"), block("text", text="two")
    )
    assert (result.text, result.images) == ("one\ntwo", (Image("image/png", "AAAA"),))
    assert result.details == {"server": "s", "tool": "t", "status": "completed"}


def test_what_cannot_be_shown_is_named() -> None:
    resource = SimpleNamespace(uri="file:///a", text="inside")
    blob = SimpleNamespace(uri="file:///b", blob="AAAA")
    result = read(
        block("audio", mime_type="audio/wav", data="AAAA"),
        block("image", mime_type="image/tiff", data="AAAA"),
        block("resource", resource=resource),
        block("resource", resource=blob),
        block("resource_link", uri="file:///c"),
    )
    assert result.text.splitlines() == [
        "[audio not shown]",
        "[image/tiff not shown]",
        "[resource file:///a]",
        "inside",
        "[resource file:///b not shown]",
        "[resource file:///c]",
    ]


def test_structure_stands_in_for_a_missing_text() -> None:
    assert read(structured={"a": 1}).text == '{\n "a": 1\n}'
    assert read().text == "(no output)"
    assert read(block("text", text="said"), structured={"a": 1}).text == "said"


def test_everything_has_a_bound() -> None:
    assert len(read(block("text", text="x" * (MOST_CHARS + 1))).text) < MOST_CHARS + 20
    pictures = [block("image", mime_type="image/png", data="AAAA")] * (MOST_IMAGES + 1)
    result = read(*pictures)
    assert (len(result.images), result.text) == (MOST_IMAGES, "[image/png not shown]")


def test_errors_are_errors_and_secrets_stay_hidden() -> None:
    result = read(block("text", text="no, secret"), is_error=True)
    assert (result.is_error, result.text, result.details["status"]) == (True, "no, ***", "failed")
