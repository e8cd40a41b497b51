"""`/exec host=… security=… ask=…`: how commands of this session run. Source: tools-and-sessions §11.

The host is kept for the session; security and ask hold for the message that they stand before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.sessions.lifecycle import Patch
from clawfleet.tools.exec_policy import ASKS, SECURITIES, wanted

_VALID = {"host": ("auto", "sandbox", "gateway", "node"), "security": SECURITIES, "ask": ASKS}
_PAIR = re.compile(r"(host|security|ask|node)=(\S*)\s*", re.IGNORECASE)


async def _answer(typed: Typed) -> str:
    pairs, rest = _pairs(typed.rest)
    if rest:
        return "Usage: /exec host=<auto|sandbox|gateway> security=<deny|allowlist|full> ask=<off|on-miss|always> [text]"
    for name, valid in _VALID.items():
        if name in pairs and pairs[name] not in valid:
            return f'Unrecognized exec {name} "{pairs[name]}". Valid: {", ".join(valid)}.'
    if pairs.get("host") == "node" or "node" in pairs:
        return "⚠️ No node runs commands for this gateway."
    if "host" in pairs:
        return await _keep_host(typed, pairs["host"])
    if pairs:
        return "⚙️ security and ask hold for one message: write it behind them, /exec ask=always <text>."
    return _current(typed)


async def _keep_host(typed: Typed, host: str) -> str:
    toolbox, subject = typed.desk.toolbox, typed.subject
    if host == "gateway" and toolbox.is_sandboxed(subject) and not typed.is_owner:
        _, refusal = toolbox.elevation(subject)
        if refusal is not None:
            return refusal
    await typed.desk.sessions.patch(typed.session.key, Patch(choices={"exec_host": None if host == "auto" else host}))
    return f"⚙️ Exec defaults set (host={host})."


def _current(typed: Typed) -> str:
    toolbox, subject = typed.desk.toolbox, typed.subject
    config = toolbox.exec_config(subject)
    security, ask = wanted(config)
    return (
        f"Current exec defaults: host={config.host}, effective={toolbox.exec_host(subject)}, "
        f"security={security}, ask={ask}, node=(unset)."
    )


def _pairs(text: str) -> tuple[dict[str, str], str]:
    """The settings that `text` begins with, and what follows them."""
    pairs: dict[str, str] = {}
    position = 0
    while match := _PAIR.match(text, position):
        pairs[match[1].lower()] = match[2].lower()
        position = match.end()
    return pairs, text[position:].strip()


def _inline(rest: str) -> tuple[Mapping[str, str], str] | None:
    """Security and ask before a text; with another word the command is answered instead."""
    pairs, text = _pairs(rest)
    fits = pairs and all(name in ("security", "ask") and pairs[name] in _VALID[name] for name in pairs)
    return (pairs, text) if fits and text else None


EXEC = Command(
    "exec",
    "Set exec defaults for this session.",
    "options",
    _answer,
    arguments=(Argument("settings", "host=… for the session; security=… ask=… before a text for that message"),),
    inline=_inline,
)
