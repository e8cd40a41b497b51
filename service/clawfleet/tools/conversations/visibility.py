"""Whose sessions a session may reach. Pure. Source: tools-and-sessions §10.

The defaults are those of the releases that the documentation of this house describes: own session and what it
spawned, the main session all of its agent; other agents not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from clawfleet.config.models.root import Config
from clawfleet.config.models.tools import AgentToAgent

Mode = Literal["self", "tree", "agent", "all"]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the session `key` of `agent_id` sees. `clamped`: it is sandboxed and held to what it spawned."""

    key: str
    agent_id: str
    mode: Mode
    agent_to_agent: AgentToAgent
    clamped: bool = False

    @classmethod
    def of(cls, config: Config, agent_id: str, key: str, *, clamped: bool) -> Reach:
        """The reach that the config gives; `clamped` leaves `self` as it is."""
        wanted = config.tools.sessions.visibility
        mode: Mode = "tree" if clamped and wanted != "self" else wanted
        return cls(key, agent_id, mode, config.tools.agent_to_agent, clamped)

    @property
    def is_main(self) -> bool:
        """Whether the asking session is its agent's main one."""
        return self.key == f"agent:{self.agent_id}:main"

    def reason_against(self, key: str, agent_id: str, *, spawned: bool) -> str | None:
        """Why a session is out of reach, None when it is not. `spawned`: it comes from the asking one."""
        if key == self.key or (spawned and self.mode != "self"):
            return None
        if self.mode == "self":
            return self._narrow("the session itself")
        if self.mode == "tree" and (self.clamped or not self.is_main or agent_id != self.agent_id):
            return self._narrow("the session and those it spawned")
        if agent_id != self.agent_id:
            return self._across(agent_id) if self.mode == "all" else self._narrow("sessions of the same agent")
        return None

    def _narrow(self, what: str) -> str:
        if self.clamped:
            return f"a sandboxed session reaches {what} only (agents.defaults.sandbox.sessionToolsVisibility=spawned)"
        return f"only {what} can be reached (tools.sessions.visibility={self.mode})"

    def _across(self, agent_id: str) -> str | None:
        rules = self.agent_to_agent
        if not rules.enabled:
            return "other agents cannot be reached (tools.agentToAgent.enabled=false)"
        if rules.allow and not all(_listed(each, rules.allow) for each in (self.agent_id, agent_id)):
            return "that agent cannot be reached (tools.agentToAgent.allow must name both)"
        return None


def _listed(agent_id: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(agent_id, pattern.strip().lower()) for pattern in patterns)
