"""How fleet commands print."""

from __future__ import annotations

import pytest

from control.order import print_table, say


def test_what_a_host_says_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """The last words of a gateway's log are told too, and an agent may have written them."""
    say("log: \x1b]0;mine\x07 done")
    print_table(("host", "state"), [("edge-1", "\x1b[2J")])
    shown = capsys.readouterr()
    assert shown.err == "log: \\u001b]0;mine\\u0007 done\n"
    assert shown.out == "host    state\nedge-1  \\u001b[2J\n"
