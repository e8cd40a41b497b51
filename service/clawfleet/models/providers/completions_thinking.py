"""How servers behind chat completions are told to think; there are seven ways. Pure.

Source: models-and-auth §3.4 (`thinkingFormat`) and §4.3.
"""

from __future__ import annotations

from clawfleet.models.hosts import host_of
from clawfleet.models.providers.base import Endpoint, Sampling
from clawfleet.models.providers.compat import Compat
from clawfleet.models.providers.effort import OFF, accepted, level_of, name_of


def thinking_body(sampling: Sampling, endpoint: Endpoint, compat: Compat, *, has_tools: bool) -> dict[str, object]:
    """What a body says of thinking; nothing for a model that does not reason."""
    level = level_of(sampling, endpoint)
    if compat.thinking_format != "openai" and level is not None:
        return _switched(level, endpoint, compat)
    if not compat.supports_reasoning_effort or (has_tools and _takes_either(endpoint)):
        return {}
    level = level or sampling.reasoning_effort
    name = _name(level, endpoint) if level else None
    return {"reasoning_effort": name} if name else {}


def _switched(level: str, endpoint: Endpoint, compat: Compat) -> dict[str, object]:
    is_on = level != OFF
    match compat.thinking_format:
        case "openrouter":
            return {"reasoning": {"effort": _name(level, endpoint) or "none"}}
        case "qwen":
            return {"enable_thinking": is_on}
        case "qwen-chat-template":
            return {"chat_template_kwargs": {"enable_thinking": is_on}}
        case "together":
            return {"reasoning": {"enabled": is_on}}
        case _:  # deepseek, zai
            return {"thinking": {"type": "enabled" if is_on else "disabled"}}


def _name(level: str, endpoint: Endpoint) -> str | None:
    """The level as this endpoint calls it; off is told only where it has a name."""
    return name_of(level, endpoint) or (None if level == OFF else accepted(level, endpoint))


def _takes_either(endpoint: Endpoint) -> bool:
    """OpenAI's own newer models take tools or an effort on this wire, not both; the tools are worth more."""
    return host_of(endpoint.base_url) == "api.openai.com" and "supportsReasoningEffort" not in endpoint.compat
