"""What goes wrong between the gateway and MCP servers."""

from __future__ import annotations

from clawfleet.tools.mcp.failures import CallFailed, LibraryMissing, ServerDown


def test_a_missing_library_says_what_to_install() -> None:
    assert LibraryMissing().hint == "pip install 'clawfleet[mcp]'"


def test_codes_tell_them_apart() -> None:
    assert ServerDown("x").code != CallFailed("x").code
