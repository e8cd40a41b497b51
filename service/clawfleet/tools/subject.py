"""Whose tools are asked for: the agent and its session, and what else policies go by."""

from __future__ import annotations

from dataclasses import dataclass

from clawfleet.core.requester import Requester


@dataclass(frozen=True, slots=True)
class ExecWish:
    """What people asked of commands in a session, or for one message; None where they said nothing.

    `elevated` (`off`, `on`, `ask`, `full`) and `host` say where commands run, `security` and `ask` what may run.
    """

    elevated: str | None = None
    host: str | None = None
    security: str | None = None
    ask: str | None = None


NO_WISH = ExecWish()


@dataclass(frozen=True, slots=True)
class Occasion:
    """What decides besides agent and session.

    `model` is the ref that really answers (after `/model`, or a fallback); None leaves the rules by provider out.
    `depth` counts how far below a person's session a subagent's is, None: as its key says. `caps` are the only tools of
    this one run, `wish` what people asked of its commands.
    """

    model: str | None = None
    requester: Requester | None = None
    depth: int | None = None
    max_depth: int = 1
    caps: tuple[str, ...] | None = None
    wish: ExecWish = NO_WISH


PLAIN = Occasion()


@dataclass(frozen=True, slots=True)
class Subject:
    """One session of one agent, on one occasion."""

    agent_id: str
    session_key: str
    occasion: Occasion = PLAIN

    @property
    def depth(self) -> int:
        """0 for a person's session, 1 for its subagents, and so on."""
        known = self.occasion.depth
        return self.session_key.split(":").count("subagent") if known is None else known

    @property
    def chat(self) -> tuple[str, str] | None:
        """Channel and id of the group that the session belongs to; None for any other session."""
        parts = self.session_key.split(":")
        if len(parts) >= 5 and parts[0] == "agent" and parts[3] in ("group", "channel"):
            return parts[2], ":".join(parts[4:])
        asked = self.occasion.requester
        if asked is not None and asked.chat_id is not None and asked.chat_type in ("group", "channel"):
            return asked.channel, asked.chat_id
        return None
