"""Names of MCP tools."""

from __future__ import annotations

import re

import pytest

from clawfleet.config.models.mcp import ToolFilter
from clawfleet.tools.mcp.naming import MOST_NAME, passes, prefixes, tool_names


def test_names_are_ones_that_every_provider_takes() -> None:
    """And say which server they belong to."""
    parts = prefixes(["docs", "my server", "a__b", "9lives", "x" * 50, "日本"])
    assert parts["docs"] == "docs"
    assert parts["my server"] == "my-server"
    assert parts["a__b"] == "a_b"
    for part in parts.values():
        names = tool_names(part, ["search", "odd name/!", "y" * 80, "_x_"])
        for name in names.values():
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name)
            assert len(name) <= MOST_NAME
            assert name.startswith(f"{part}__")
            assert name.count("__") == 1


def test_nothing_is_named_twice() -> None:
    """Also where case and odd characters would make two the same."""
    assert prefixes(["a b", "a-b", "A-B"]) == {"a b": "a-b", "a-b": "a-b-2", "A-B": "A-B-3"}
    names = tool_names("s", ["get/x", "get-x", "Get-X"])
    assert list(names.values()) == ["s__get-x", "s__get-x-2", "s__Get-X-3"]
    long = tool_names("s", ["z" * 80 + "1", "z" * 80 + "2"])
    assert len(set(long.values())) == 2


@pytest.mark.parametrize(
    ("include", "exclude", "kept"),
    [
        ((), (), {"search", "read_page", "delete"}),
        (("search", "read_*"), (), {"search", "read_page"}),
        ((), ("delete",), {"search", "read_page"}),
        (("*",), ("read_*",), {"search", "delete"}),
    ],
)
def test_an_operator_chooses_among_a_servers_tools(
    include: tuple[str, ...], exclude: tuple[str, ...], kept: set[str]
) -> None:
    wanted = ToolFilter(include=include, exclude=exclude)
    assert {name for name in ("search", "read_page", "delete") if passes(name, wanted)} == kept
