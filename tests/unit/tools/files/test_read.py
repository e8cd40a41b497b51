"""read: the lines asked for, within limits, and how to go on; pictures are shown, other files refused."""

from __future__ import annotations

from base64 import b64decode

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.failures import BadArguments, ToolDenied
from clawfleet.tools.files import read
from clawfleet.tools.files.access import FileMissing
from clawfleet.tools.files.read import ReadTool
from tests.unit.tools.files.conftest import Desk

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


async def text(desk: Desk, **arguments: object) -> str:
    return (await desk.call(ReadTool(desk.access), {"path": "f", **arguments})).text


@pytest.mark.parametrize(
    ("content", "arguments", "expected"),
    [
        ("one\ntwo\n", {}, "one\ntwo\n"),
        ("no end", {}, "no end"),
        ("", {}, "(empty file)"),
        ("a\r\nb\r\n", {}, "a\r\nb\r\n"),
        ("1\n2\n3\n", {"offset": 2}, "2\n3\n"),
        ("1\n2\n3\n", {"offset": 3, "limit": 5}, "3\n"),
        ("1\n2\n3\n4\n", {"limit": 2}, "1\n2\n\n[2 more lines in file. Use offset=3 to continue.]"),
        ("1\n2\n3\n", {"offset": 2, "limit": 1}, "2\n\n[1 more line in file. Use offset=3 to continue.]"),
        ("abcdef\nx\n", {"cursor": 4}, "ef\nx\n"),
        (
            "ab\x0bcd\x0cef\u2028gh\nx\n",
            {"limit": 1},
            "ab\x0bcd\x0cef\u2028gh\n\n[1 more line in file. Use offset=2 to continue.]",
        ),
    ],
)
async def test_lines(desk: Desk, content: str, arguments: dict[str, object], expected: str) -> None:
    """Raw text, and a note only when there is more."""
    desk.put("f", content)
    assert await text(desk, **arguments) == expected


async def test_a_long_file_comes_in_pages(desk: Desk) -> None:
    """2000 lines at once, whatever is asked for; the pages together are the file."""
    lines = [f"line {number}\n" for number in range(1, 4501)]
    desk.put("f", "".join(lines))
    first = await text(desk)
    assert first.endswith("line 2000\n\n[Showing lines 1-2000 of 4500. Use offset=2001 to continue.]")
    assert (await text(desk, limit=9999)).startswith(first[:100])
    last = await text(desk, offset=4001)
    assert last == "".join(lines[4000:])


async def test_long_lines_come_in_pages_too(desk: Desk) -> None:
    """50 KB at once, whole lines; nothing is lost or told twice."""
    lines = [f"{number} {'x' * 1000}\n" for number in range(100)]
    desk.put("f", "".join(lines))
    first = await text(desk)
    head, _, note = first.rpartition("\n[")
    assert note == "Showing lines 1-51 of 100 (50 KB limit). Use offset=52 to continue.]"
    assert head + (await text(desk, offset=52)) == "".join(lines)


async def test_a_line_longer_than_a_page_is_read_by_cursor(desk: Desk) -> None:
    """In characters, so that none is cut in two."""
    line = "ü" * 40_000
    desk.put("f", f"{line}\nend\n")
    first = await text(desk)
    part, _, note = first.partition("\n\n")
    assert note == f"[Showing part of line 1 (50 KB limit). Use offset=1, cursor={len(part)} to continue.]"
    assert part + (await text(desk, cursor=len(part))) == f"{line}\nend\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"offset": 4}, "Offset 4 is beyond the end of f \\(2 lines\\)"),
        ({"cursor": 9}, "Cursor 9 is beyond the end of line 1 of f"),
        ({"path": "none"}, "File not found: none"),
        ({"path": "."}, "is a directory"),
        ({"path": "../x"}, "escapes the workspace"),
    ],
)
async def test_what_cannot_be_read(desk: Desk, arguments: dict[str, object], message: str) -> None:
    desk.put("f", "one\ntwo\n")
    with pytest.raises(ToolError, match=message):
        await text(desk, **arguments)


async def test_a_file_may_be_missing_when_the_model_says_so(desk: Desk) -> None:
    result = await desk.call(ReadTool(desk.access), {"path": "none", "optional": True})
    assert (result.is_error, result.details) == (False, {"kind": "not_found"})
    with pytest.raises(FileMissing):
        await desk.call(ReadTool(desk.access), {"path": "none"})


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\0", "image/jpeg"),
        (b"GIF89a\0", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
async def test_pictures_are_shown(desk: Desk, head: bytes, kind: str) -> None:
    """By what they are, not by their name."""
    desk.put("f", head)
    result = await desk.call(ReadTool(desk.access), {"path": "f"})
    (picture,) = result.images
    assert (picture.media_type, b64decode(picture.data)) == (kind, head)
    assert result.text == f"Read image file [{kind}]"


async def test_a_picture_too_large_for_a_model_is_not_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_IMAGE_BYTES", 10)
    desk.put("f", PNG)
    with pytest.raises(ToolError, match="the picture has 28 bytes"):
        await text(desk)


async def test_other_binary_files_are_refused(desk: Desk) -> None:
    """Bytes in a prompt help nobody; broken UTF-8 alone is still text."""
    desk.put("f", b"ELF\0\1")
    with pytest.raises(ToolError, match="binary file \\(5 bytes\\)"):
        await text(desk)
    desk.put("f", b"caf\xe9\n")
    assert await text(desk) == "caf\ufffd\n"


async def test_other_spellings_of_path(desk: Desk) -> None:
    desk.put("f", "x")
    assert (await desk.call(ReadTool(desk.access), {"file_path": "f"})).text == "x"
    with pytest.raises(BadArguments, match="path: must have required properties path"):
        await desk.call(ReadTool(desk.access), {})
    with pytest.raises(ToolDenied):
        await desk.call(ReadTool(desk.access), {"path": "/etc/passwd"})


def test_models_are_told_of_the_right_names() -> None:
    properties = ReadTool.spec.parameters["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == ["path", "offset", "limit", "cursor", "optional"]
    assert ReadTool.spec.parameters["required"] == ["path"]
