"""Keys by name, as a terminal sends them."""

from __future__ import annotations

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.runtime.keys import key_bytes, keys_bytes, paste_bytes


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("Enter", b"\r"),
        ("Escape", b"\x1b"),
        ("tab", b"\t"),
        ("S-Tab", b"\x1b[Z"),
        ("BSpace", b"\x7f"),
        ("Up", b"\x1b[A"),
        ("C-Left", b"\x1b[1;5D"),
        ("S-M-Home", b"\x1b[1;4H"),
        ("PageDown", b"\x1b[6~"),
        ("C-Delete", b"\x1b[3;5~"),
        ("F1", b"\x1bOP"),
        ("S-F1", b"\x1b[1;2P"),
        ("F12", b"\x1b[24~"),
        ("C-c", b"\x03"),
        ("C-D", b"\x04"),
        ("ctrl-z", b"\x1a"),
        ("^C", b"\x03"),
        ("C-Space", b"\0"),
        ("C-?", b"\x7f"),
        ("M-x", b"\x1bx"),
        ("M-C-x", b"\x1b\x18"),
        ("S-a", b"A"),
        ("q", b"q"),
        ("-", b"-"),
        ("C--", None),
        ("ö", "ö".encode()),
        ("NoSuchKey", None),
        ("C-Nowhere", None),
    ],
)
def test_keys(token: str, expected: bytes | None) -> None:
    if expected is not None:
        assert key_bytes(token) == expected
        return
    with pytest.raises(ToolError, match="There is no"):
        key_bytes(token)


def test_several_at_once() -> None:
    """Text, then bytes, then keys."""
    assert keys_bytes(("Enter", "C-c"), ("1b", "0x5b41"), "ls") == b"ls\x1b[A\r\x03"
    with pytest.raises(ToolError, match="pairs of hexadecimal digits"):
        keys_bytes((), ("xyz",), "")


def test_what_is_pasted_cannot_end_its_brackets() -> None:
    """Else a text could type commands."""
    assert paste_bytes("a\nb", bracketed=True) == b"\x1b[200~a\nb\x1b[201~"
    assert paste_bytes("a\x1b[201~rm\n", bracketed=True) == b"\x1b[200~arm\n\x1b[201~"
    assert paste_bytes("a\nb", bracketed=False) == b"a\nb"
