"""Settings that are allowed and yet hardly what anyone means. Source: channels §2.3."""

from __future__ import annotations

from clawfleet.config.keys import Problem
from clawfleet.config.models.root import Config


def advice_on(config: Config) -> list[Problem]:
    """One warning for each such setting."""
    return [*_telegram(config), *_bindings(config)]


def _bindings(config: Config) -> list[Problem]:
    known = list(config.agents.entries) or ["main"]
    return [
        Problem(
            ("bindings", index, "agentId"),
            f'no agent "{rule.agent_id}"; what this binding matches is not answered (agents: {", ".join(known)})',
        )
        for index, rule in enumerate(config.bindings)
        if rule.type == "route" and rule.agent_id.strip().lower() not in known
    ]


def _telegram(config: Config) -> list[Problem]:
    telegram = config.channels.telegram
    if telegram is None or not telegram.enabled:
        return []
    key = "channels.telegram"
    path = ("channels", "telegram", "dmPolicy")
    if telegram.dm_policy == "open" and "*" not in telegram.allow_from:
        text = f'{key}.dmPolicy="open" but {key}.allowFrom does not include "*"; '
        heard = "only the senders listed there are heard" if telegram.allow_from else "all DMs will be dropped"
        return [Problem(path, text + heard)]
    if telegram.dm_policy == "allowlist" and not telegram.allow_from:
        return [Problem(path, f'{key}.dmPolicy="allowlist" but {key}.allowFrom is empty; all DMs will be dropped')]
    return []
