"""How hard a model is asked to think, in the gateway's own levels; each wire API says it in its own way. Pure.

Source: models-and-auth §3.3 and §4.3.
"""

from __future__ import annotations

from clawfleet.models.providers.base import Endpoint, Sampling

OFF = "off"
LEVELS = (OFF, "minimal", "low", "medium", "high", "xhigh", "max")
DEFAULT = "medium"
_OTHER_NAMES = {
    "none": OFF,
    "disabled": OFF,
    "x-high": "xhigh",
    "x_high": "xhigh",
    "extra-high": "xhigh",
    "on": DEFAULT,
}


def level_named(value: object) -> str | None:
    """The level that a config or a client means; None for what is no level."""
    if value is False:
        return OFF
    name = value.strip().lower() if isinstance(value, str) else ""
    name = _OTHER_NAMES.get(name, name)
    return name if name in LEVELS else None


def level_of(sampling: Sampling, endpoint: Endpoint) -> str | None:
    """The level for a model that reasons; None for one that does not, which must not be told of any.

    A level that the model has not becomes the nearest that it has.
    """
    if not endpoint.reasoning:
        return None
    wanted = level_named(sampling.reasoning_effort) or DEFAULT
    had = [level for level in LEVELS if endpoint.levels.get(level, level) is not None]
    return _nearest(wanted, had) if had else wanted


def wire_level_of(sampling: Sampling, endpoint: Endpoint) -> str | None:
    """As `level_of`, for wires that know no names: a level that stands for another is that other."""
    level = level_of(sampling, endpoint)
    other = endpoint.levels.get(level) if level else None
    return other if other in LEVELS else level


def name_of(level: str, endpoint: Endpoint) -> str | None:
    """What the provider calls a level; None where the operator gave it no name."""
    if named := endpoint.levels.get(level):
        return named
    names = endpoint.compat.get("reasoningEffortMap")
    named = names.get(level) if isinstance(names, dict) else None
    return named if isinstance(named, str) else None


def accepted(level: str, endpoint: Endpoint) -> str:
    """The nearest of the names that the provider takes, where the operator lists them."""
    listed = endpoint.compat.get("supportedReasoningEfforts")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list | tuple) else []
    had = [name for name in LEVELS if name in names]
    return _nearest(level, had) if had and level not in names and level in LEVELS else level


def _nearest(wanted: str, had: list[str]) -> str:
    """The nearest level, the weaker one of two; who wants thinking is not given none, if there is any."""
    thinking = [level for level in had if level != OFF] if wanted != OFF else []
    rank = LEVELS.index(wanted)
    return min(thinking or had, key=lambda level: (abs(LEVELS.index(level) - rank), LEVELS.index(level)))
