"""Where a provider's key comes from: environment, then config, else none. Pure. Source: models-and-auth §7.1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clawfleet.config.substitute import lacking, unresolved
from clawfleet.models.auth.rotation import environment_keys, prefix_of

CONFIG_PLACE = "models.providers."
WRITTEN_PLACES = (CONFIG_PLACE, "models.json: ")
"""How the source of a key begins that is written in a file of the operator's, not in the environment."""

_VARIABLE_NAME = re.compile(r"[A-Z][A-Z0-9_]*_(KEY|TOKEN)")
_MARKERS = frozenset({"custom-local", "ollama-local", "secretref-managed", "gcp-vertex-credentials"})
_MARKER_STARTS = ("secretref-env:", "oauth:")


@dataclass(frozen=True, slots=True)
class Unset:
    """A variable that the config names at the key `path` and that nobody sets."""

    path: str
    name: str

    def __str__(self) -> str:
        return lacking(self.path, self.name)


@dataclass(frozen=True, slots=True)
class Credential:
    """A key and the place it came from. `problem` says why a key that is set cannot be used.

    `unset` is the variable that the configured key still waits for.
    """

    key: str | None = field(default=None, repr=False)
    source: str | None = None
    problem: str | None = None
    unset: Unset | None = None


def find_credential(
    provider: str, key_names: Sequence[str], configured: str | None, environ: Mapping[str, str]
) -> Credential:
    """The key of a provider, from the first place that has one; an empty one when none has."""
    return next(iter(find_credentials(provider, key_names, configured, environ)), Credential())


def find_credentials(
    provider: str,
    key_names: Sequence[str],
    configured: str | None,
    environ: Mapping[str, str],
    place: str | None = None,
) -> tuple[Credential, ...]:
    """The keys of a provider, in the order in which they are tried; none twice. `place` is where `configured` stands.

    The variables of a known provider come first, then `models.providers.<id>.apiKey`, then the variables that are
    derived from the id of any other. An `apiKey` that is the name of a variable means that variable. Markers that
    stand for a key are no keys. One that waits for an unset `${NAME}` is no key either, and what comes after it is not
    asked.
    """
    found = _of_environment(provider, key_names, environ) if key_names else []
    written = (configured or "").strip()
    place = place or f"{CONFIG_PLACE}{provider}.apiKey"
    if unset := first_unset({place: written}):
        return tuple(found) or (Credential(unset=unset),)
    if written and not _is_marker(written):
        if _VARIABLE_NAME.fullmatch(written) and (value := environ.get(written, "").strip()):
            found.append(_checked(value, _in_environment(written)))
        else:
            found.append(_checked(written, place))
    if not key_names:
        found += _of_environment(provider, (), environ)
    by_key: dict[str | None, Credential] = {}
    for credential in found:
        by_key.setdefault(credential.key or credential.source, credential)
    return tuple(by_key.values())


def first_unset(values: Mapping[str, str | None]) -> Unset | None:
    """The first of `values`, by key path, that waits for a variable; None when all can be used as they are."""
    for path, value in values.items():
        if name := unresolved(value):
            return Unset(path, name)
    return None


def derived_name(provider: str) -> str:
    """The variable that may hold the key of a provider without a variable of its own."""
    return f"{prefix_of(provider)}_API_KEY"


def _of_environment(provider: str, names: Sequence[str], environ: Mapping[str, str]) -> list[Credential]:
    return [_checked(key, _in_environment(name)) for name, key in environment_keys(provider, names, environ)]


def _in_environment(name: str) -> str:
    return f"{name} (environment or .env)"


def _is_marker(text: str) -> bool:
    return text in _MARKERS or text.startswith(_MARKER_STARTS)


def _checked(key: str, source: str) -> Credential:
    if key.isprintable() and " " not in key:
        return Credential(key, source)
    return Credential(None, source, f"the key in {source} holds a space or a control character")
