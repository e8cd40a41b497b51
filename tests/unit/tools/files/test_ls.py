"""ls: names as JSON strings, in pages."""

from __future__ import annotations

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.files.ls import LsTool
from tests.unit.tools.files.conftest import Desk


async def test_names_are_quoted_and_directories_marked(desk: Desk) -> None:
    for name in ('quo"te', "größe", ".hidden", "dir/file"):
        desk.put(name, "")
    result = await desk.call(LsTool(desk.access), {})
    assert result.text == '".hidden"\n"dir/"\n"größe"\n"quo\\"te"'
    assert result.details == {"content": result.text}


async def test_pages(desk: Desk) -> None:
    for name in "abc":
        desk.put(name, "")
    first = (await desk.call(LsTool(desk.access), {"path": ".", "limit": 2})).text
    assert first == '"a"\n"b"\n\n[More names. Go on with the same path and after="b".]'
    assert (await desk.call(LsTool(desk.access), {"limit": 2, "after": "b"})).text == '"c"'


async def test_nothing_there(desk: Desk) -> None:
    assert (await desk.call(LsTool(desk.access), {"path": ""})).text == "(empty directory)"
    with pytest.raises(ToolError, match="File not found: none"):
        await desk.call(LsTool(desk.access), {"path": "none"})
    desk.put("f", "")
    with pytest.raises(ToolError, match="f is a file, not a directory"):
        await desk.call(LsTool(desk.access), {"path": "f"})
