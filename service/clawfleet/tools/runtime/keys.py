"""Keys by their names, as the bytes that a terminal sends for them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.core.errors import ToolError

ESC = "\x1b"
PASTE_BEGINS, PASTE_ENDS = f"{ESC}[200~", f"{ESC}[201~"

_PLAIN = {
    "enter": "\r",
    "return": "\r",
    "tab": "\t",
    "escape": ESC,
    "esc": ESC,
    "space": " ",
    "bspace": "\x7f",
    "backspace": "\x7f",
    "btab": f"{ESC}[Z",
}
_LETTERS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_NUMBERS = {
    **{"insert": 2, "ic": 2, "delete": 3, "dc": 3, "pageup": 5, "pgup": 5, "ppage": 5},
    **{"pagedown": 6, "pgdn": 6, "npage": 6, "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21},
    **{"f11": 23, "f12": 24},
}
_FUNCTIONS = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_MODIFIERS = {"s": 1, "shift": 1, "m": 2, "alt": 2, "c": 4, "ctrl": 4}


def key_bytes(token: str) -> bytes:
    """`Enter`, `C-c`, `M-x`, `S-Up`, `^D`, or a character. Raises `ToolError` for a key that there is not."""
    if len(token) == 2 and token[0] == "^":
        return _with_control(token[1]).encode()
    modifiers, name = _split(token)
    plain = name.lower()
    if plain in _LETTERS:
        return _sequence("", _LETTERS[plain], modifiers)
    if plain in _NUMBERS:
        return _sequence(str(_NUMBERS[plain]), "~", modifiers)
    if plain in _FUNCTIONS:
        return _sequence("", _FUNCTIONS[plain], modifiers) if modifiers else f"{ESC}O{_FUNCTIONS[plain]}".encode()
    if plain == "tab" and modifiers == 1:
        plain, modifiers = "btab", 0
    text = _PLAIN.get(plain, name)
    if plain not in _PLAIN and len(name) != 1:
        raise ToolError(
            f"There is no key {token!r}. Use names like Enter, Tab, Escape, Up, F5, C-c, M-x, or `literal`."
        )
    if modifiers & 1 and plain not in _PLAIN:
        text = text.upper()
    if modifiers & 4:
        text = _with_control(text)
    return (ESC + text if modifiers & 2 else text).encode()


def keys_bytes(keys: Sequence[str], hexadecimal: Sequence[str], literal: str) -> bytes:
    """What `keys`, bytes as hexadecimal digits, and a literal text send together. Raises `ToolError`."""
    try:
        raw = b"".join(bytes.fromhex(each.removeprefix("0x")) for each in hexadecimal)
    except ValueError:
        raise ToolError("hex takes bytes as pairs of hexadecimal digits, like 1b or 0x03.") from None
    return literal.encode() + raw + b"".join(key_bytes(each) for each in keys)


def paste_bytes(text: str, *, bracketed: bool) -> bytes:
    """`text` as a terminal sends what was pasted; bracketed, so that a program takes no line end in it for Enter."""
    return f"{PASTE_BEGINS}{text.replace(PASTE_ENDS, '')}{PASTE_ENDS}".encode() if bracketed else text.encode()


def _split(token: str) -> tuple[int, str]:
    modifiers = 0
    while True:
        head, dash, rest = token.partition("-")
        if not dash or not rest or head.lower() not in _MODIFIERS:
            return modifiers, token
        modifiers |= _MODIFIERS[head.lower()]
        token = rest


def _sequence(number: str, end: str, modifiers: int) -> bytes:
    if modifiers:
        return f"{ESC}[{number or 1};{modifiers + 1}{end}".encode()
    return f"{ESC}[{number}{end}".encode()


def _with_control(text: str) -> str:
    if text == "?":
        return "\x7f"
    if text == " ":
        return "\0"
    upper = text.upper()
    if len(upper) == 1 and "@" <= upper <= "_":
        return chr(ord(upper) - 64)
    raise ToolError(f"There is no control character for {text!r}.")
