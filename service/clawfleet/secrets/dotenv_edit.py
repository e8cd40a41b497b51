"""Sets one variable in the text of a `.env` file; every other line stays as it is. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from clawfleet.core.errors import RequestError
from clawfleet.secrets.dotenv import assignments, parse_dotenv

NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,127}")
_BARE = re.compile(r"[\w.,:;/+=@%^*()-]+", re.ASCII)


class CannotKeep(RequestError):
    """The name or the value cannot stand in a `.env` file."""

    code = "ENV_VALUE"


def set_variable(text: str, name: str, value: str) -> str:
    """`text` with `name` set to `value`: where it was set last, else at the end. Raises CannotKeep."""
    if not NAME.fullmatch(name):
        raise CannotKeep(f"{name!r} is no variable name", hint="capitals, digits and _, for example OPENAI_API_KEY")
    if not value:
        raise CannotKeep(f"{name} needs a value", hint="an empty variable counts as unset")
    line = f"{name}={_quoted(name, value)}\n"
    parts = _parts(text)
    places = [index for index, (found, _) in enumerate(parts) if found == name]
    kept = [
        line if index == places[-1] else part for index, (found, part) in enumerate(parts)
        if found != name or index == places[-1]
    ] if places else [part for _, part in parts]  # fmt: skip
    if not places:
        if kept and not kept[-1].endswith(("\n", "\r")):
            kept[-1] += "\n"
        kept.append(line)
    return "".join(kept)


def _parts(text: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the name that it sets; empty for what sets nothing."""
    starts = list(assignments(text))
    ends = [*starts, (len(text), "")]
    return [(name, text[start:end]) for (start, name), (end, _) in pairwise(ends)]


def _quoted(name: str, value: str) -> str:
    """The value as the dialect reads it back."""
    choices = [value] if _BARE.fullmatch(value) else []
    choices += [f"{quote}{value}{quote}" for quote in ("'", "`", '"')]
    for choice in choices:
        if parse_dotenv(f"{name}={choice}\n") == {name: value}:
            return choice
    raise CannotKeep(
        f"the value of {name} cannot be written in a .env file: it holds every kind of quote",
        hint="give it to the gateway's process environment instead",
    )
