"""May commands of a sandboxed session run on the host, for who asks? Decides only. Source: tools-and-sessions §3.2."""

from __future__ import annotations

from collections.abc import Iterator

from clawfleet.config.models.root import Config
from clawfleet.config.models.tool_rules import Elevated
from clawfleet.config.path import show_path
from clawfleet.core.requester import Requester
from clawfleet.tools.senders import is_among
from clawfleet.tools.subject import Subject

LEVELS = ("off", "on", "ask", "full")
"""`on` and `ask` are the same: what has to be approved still is. `full` skips that where nothing has to be."""


def level_of(config: Config, subject: Subject) -> str:
    """The level that holds: of the message, else of the session, else the default; off for who may not have it."""
    wanted = subject.occasion.wish.elevated or config.agents.defaults.elevated_default
    return "off" if failing_gates(config, subject) else wanted


def failing_gates(config: Config, subject: Subject) -> tuple[str, ...]:
    """The keys that keep the one who asks from elevated commands; none when all let them through."""
    return tuple(_failing(config, subject))


def refusal(config: Config, subject: Subject, *, sandboxed: bool) -> str:
    """Why elevated commands are not to be had, with the keys that would change it."""
    asked = subject.occasion.requester
    channel = asked.channel if asked else "<channel>"
    lines = [
        f"elevated is not available right now (runtime={'sandboxed' if sandboxed else 'direct'}).",
        f"Failing gates: {', '.join(failing_gates(config, subject))}",
        "Fix-it keys:",
        "- tools.elevated.enabled",
        f"- tools.elevated.allowFrom.{channel}",
        f"- agents.entries.{subject.agent_id}.tools.elevated.enabled",
        f"- agents.entries.{subject.agent_id}.tools.elevated.allowFrom.{channel}",
        f"See: openclaw sandbox explain --session {subject.session_key}",
    ]
    return "\n".join(lines)


def _failing(config: Config, subject: Subject) -> Iterator[str]:
    asked = subject.occasion.requester
    yield from _of(config.tools.elevated, ("tools", "elevated"), asked, is_own=False)
    entry = config.agents.entries.get(subject.agent_id)
    if entry and entry.tools and "elevated" in entry.tools.model_fields_set:
        place = ("agents", "entries", subject.agent_id, "tools", "elevated")
        yield from _of(entry.tools.elevated, place, asked, is_own=True)


def _of(rules: Elevated, place: tuple[str, ...], asked: Requester | None, *, is_own: bool) -> Iterator[str]:
    """Gates of one section; an agent's own says nothing of senders unless it names some."""
    if not rules.enabled:
        yield show_path((*place, "enabled"))
    if is_own and "allow_from" not in rules.model_fields_set:
        return
    channel = asked.channel if asked else ""
    if not is_among(rules.allow_from.get(channel, ()), asked):
        yield show_path((*place, "allowFrom", *((channel,) if channel else ())))
