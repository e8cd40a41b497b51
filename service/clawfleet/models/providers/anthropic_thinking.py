"""How Claude is told to think: by a budget of tokens, or, newer ones, by an effort. Pure.

Source: models-and-auth §4.3, the provider's pages on extended and adaptive thinking.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from clawfleet.models.providers.base import Endpoint, Request
from clawfleet.models.providers.conversation import choice_of
from clawfleet.models.providers.effort import OFF, wire_level_of

_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768}
_OFF = {"thinking": {"type": "disabled"}}
_LEAST_BUDGET = 1024
_FOR_THE_ANSWER = 1024  # what of the limit is kept free of thinking
_NAME = re.compile(r"claude-[a-z]+-(\d{1,2})(?:[.-](\d{1,2}))?(?![\d])")
_ADAPTIVE_SINCE = (4, 6)
_STRICT_SINCE = (4, 7)


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a body says of thinking; `refuses_tuning`: temperature and top_p must stay away."""

    body: Mapping[str, object] = field(default_factory=dict)
    refuses_tuning: bool = False


def thinking_of(request: Request, endpoint: Endpoint, limit: int, *, thought_of_tail: bool) -> Thinking:
    """What to say for this request, whose answer may have `limit` tokens.

    A budget is left away where the wire would refuse it: beside a tool that must be called, beside too small a limit,
    and behind tool calls whose reasoning is lost (`thought_of_tail` False).
    """
    version = _version(request.model)
    strict = version >= _STRICT_SINCE
    level = wire_level_of(request.sampling, endpoint)
    if level is None:  # MiniMax's M2 thinks unless it is told not to
        return Thinking(_OFF if request.model.lower().startswith("minimax-m2") else {}, strict)
    is_forced = bool(request.tools) and choice_of(request.sampling)[0] in ("required", "tool")
    if level == OFF or is_forced:
        return Thinking(_OFF, strict)
    if version >= _ADAPTIVE_SINCE:
        return Thinking({"thinking": {"type": "adaptive"}, "output_config": {"effort": _effort(level, strict)}}, True)
    budget = min(_BUDGETS[level], limit - _FOR_THE_ANSWER) if limit <= _BUDGETS[level] else _BUDGETS[level]
    if budget < _LEAST_BUDGET or not thought_of_tail:
        return Thinking(refuses_tuning=strict)
    return Thinking({"thinking": {"type": "enabled", "budget_tokens": budget}}, True)


def _effort(level: str, strict: bool) -> str:
    if level == "xhigh":
        return level if strict else "high"
    return "low" if level == "minimal" else level


def _version(model: str) -> tuple[int, int]:
    """The version in a name like `claude-opus-4-6`, (0, 0) for other names; a date is no version."""
    found = _NAME.search(model.lower())
    return (int(found.group(1)), int(found.group(2) or 0)) if found else (0, 0)
