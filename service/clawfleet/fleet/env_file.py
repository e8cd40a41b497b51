"""`.env` files of the fleet: written so that the gateway's own reader gets back exactly the values that went in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from clawfleet.secrets.dotenv import parse_dotenv

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,~^-]+")


def render_env(values: Mapping[str, str]) -> str:
    """One `NAME=value` line per entry, sorted by name, quoted only where needed (rules: config-and-cli §2.4).

    Raises ValueError naming the variable, never its value, when a value is empty, spans lines, or cannot be quoted.
    """
    return "".join(f"{name}={_quoted(name, values[name])}\n" for name in sorted(values))


def read_env(text: str) -> dict[str, str]:
    """The variables of an operator's secrets file; it is written like the `.env` of a gateway."""
    return parse_dotenv(text)


def _quoted(name: str, value: str) -> str:
    if not value:
        raise ValueError(f"{name} is empty")
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise ValueError(f"{name} holds a line break or control character")
    if _PLAIN.fullmatch(value):
        return value
    # Single quotes and backticks are raw; inside double quotes a backslash-n would become a line break.
    for quote in ("'", "`"):
        if quote not in value:
            return f"{quote}{value}{quote}"
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    raise ValueError(f"{name} mixes every kind of quote and cannot be written to .env")
