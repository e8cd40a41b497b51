"""What a server prints besides the protocol."""

from __future__ import annotations

import asyncio

from clawfleet.tools.mcp.printed import MOST_KEPT, MOST_LINE, Printed


async def test_lines_are_kept_without_secrets() -> None:
    """The last ones, each cut; one without an end too."""
    printed = Printed("s", lambda text: text.replace("secret", "***"))
    for number in range(MOST_KEPT + 5):
        printed.writing.write(f"line {number} secret\n")
    printed.writing.write("x" * (MOST_LINE + 10) + "\n\nopen end")
    printed.writing.flush()
    await asyncio.sleep(0.01)
    printed.close()
    assert len(printed.lines) == MOST_KEPT
    assert list(printed.lines)[-3:-2] == [f"line {MOST_KEPT + 4} ***"]
    assert len(printed.lines[-2]) == MOST_LINE
    assert printed.lines[-1] == "open end"


async def test_closing_twice_is_closing_once() -> None:
    printed = Printed("s", lambda text: text)
    printed.close()
    printed.close()
    assert list(printed.lines) == []
