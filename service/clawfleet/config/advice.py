"""Settings that are allowed and yet hardly what anyone means. Source: channels §2.3."""

from __future__ import annotations

from clawfleet.config.keys import Problem
from clawfleet.config.models.root import Config


def advice_on(config: Config) -> list[Problem]:
    """One warning for each such setting."""
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
