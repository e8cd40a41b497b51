"""How Gemini is told to think: by a level, or, before 3, by a budget of tokens. Pure.

Source: models-and-auth §4.3, the provider's page on thinking.
"""

from __future__ import annotations

import re

from clawfleet.models.providers.base import Endpoint, Sampling
from clawfleet.models.providers.effort import OFF, wire_level_of

_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?")
_BUDGETS = {"minimal": 512, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 24576, "max": 24576}
_LEAST_OF_PRO = 128  # Pro cannot be kept from thinking


def is_gemini_3(model: str) -> bool:
    """Whether the model is of the third generation or a later one."""
    return _version(model) >= (3, 0)


def thinking_config(model: str, sampling: Sampling, endpoint: Endpoint) -> dict[str, object] | None:
    """What to say of thinking; None for a model that does not reason."""
    level = wire_level_of(sampling, endpoint)
    if level is None:
        return None
    version, is_pro = _version(model), "pro" in model.lower()
    if version >= (3, 0):
        shows = {} if level == OFF else {"includeThoughts": True}
        return {**shows, "thinkingLevel": _level(level, version, is_pro)}
    if level == OFF:
        return {"thinkingBudget": _LEAST_OF_PRO if is_pro and version >= (2, 5) else 0}
    if version >= (2, 5):
        return {"includeThoughts": True, "thinkingBudget": _BUDGETS[level]}
    return {"includeThoughts": True}


def _level(level: str, version: tuple[int, int], is_pro: bool) -> str:
    """The level's name; Pro knows no minimal one, and 3.0 Pro no medium one."""
    if level in (OFF, "minimal"):
        return "LOW" if is_pro else "MINIMAL"
    if level == "medium":
        return "HIGH" if is_pro and version < (3, 1) else "MEDIUM"
    return "LOW" if level == "low" else "HIGH"


def _version(model: str) -> tuple[int, int]:
    """The version in a name like `gemini-2.5-flash`, (0, 0) for other names."""
    found = _VERSION.search(model.lower())
    return (int(found.group(1)), int(found.group(2) or 0)) if found else (0, 0)
