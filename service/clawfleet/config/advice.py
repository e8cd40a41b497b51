"""Settings that are allowed and yet hardly what anyone means. Source: channels §2.3."""

from __future__ import annotations

import os
from pathlib import Path

from clawfleet.config.keys import Problem
from clawfleet.config.models.root import Config


def advice_on(config: Config) -> list[Problem]:
    """One warning for each such setting."""
    return [*_control_ui(config), *_telegram(config), *_bindings(config)]


def _control_ui(config: Config) -> list[Problem]:
    page = config.gateway.control_ui
    if not page.enabled or page.root is None or _is_readable(Path(page.root) / "index.html"):
        return []
    text = f"no readable index.html in {page.root}: browsers get no page"
    mend = "name a directory that has one, or: openclaw config unset gateway.controlUi.root"
    return [Problem(("gateway", "controlUi", "root"), f"{text}; {mend}")]


def _is_readable(file: Path) -> bool:
    try:
        return file.is_file() and os.access(file, os.R_OK)
    except (OSError, ValueError):  # too long, with a NUL, links in a circle
        return False


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
