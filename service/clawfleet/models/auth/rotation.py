"""The keys of a provider that the environment holds, in the order in which they are tried. Pure.

Source: models-and-auth §7.2 and §7.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_PREFIXES = {"google": "GEMINI", "google-vertex": "GEMINI"}
_NOT_KEYS = ("_FILE", "_PATH")
_BETWEEN = re.compile(r"[,;\s]+")


def prefix_of(provider: str) -> str:
    """What the variables of a provider begin with."""
    return _PREFIXES.get(provider) or re.sub(r"[^A-Z0-9]", "_", provider.upper())


def environment_keys(provider: str, names: Sequence[str], environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """(variable, key) of each key that is set, no key twice. `names` are the provider's own variables.

    `OPENCLAW_LIVE_<P>_KEY` is the only one when it is set; then come `<P>_API_KEYS` (a list), `names`,
    `<P>_API_KEY` and all of `<P>_API_KEY_*`.
    """
    prefix = prefix_of(provider)
    live = f"OPENCLAW_LIVE_{prefix}_KEY"
    if value := environ.get(live, "").strip():
        return [(live, value)]
    found: dict[str, str] = {}
    for name, value in _named(prefix, names, environ):
        found.setdefault(value, name)
    return [(name, value) for value, name in found.items()]


def _named(prefix: str, names: Sequence[str], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in (f"{prefix}_API_KEYS", f"OPENCLAW_LIVE_{prefix}_KEYS"):
        yield from ((name, value) for value in _BETWEEN.split(environ.get(name, "")) if value)
    numbered = sorted(
        name for name in environ if name.startswith(f"{prefix}_API_KEY_") and not name.endswith(_NOT_KEYS)
    )
    for name in (*names, f"{prefix}_API_KEY", *numbered):
        if value := environ.get(name, "").strip():
            yield name, value
