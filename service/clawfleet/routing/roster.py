"""Which agents there are, which one answers by default, and how a session key names its agent.

Source: http-and-web §5 (default agent), tools-and-sessions §7.1 (keys), protocol §4 (mainKey).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from clawfleet.config.models.agents import AgentIdentity
from clawfleet.config.models.root import Config
from clawfleet.core.errors import RequestError

MAIN_AGENT = "main"
MAIN_KEY = "main"
UNNAMED = AgentIdentity()


class UnknownAgent(RequestError):
    """A request names an agent that is not configured."""

    code = "UNKNOWN_AGENT"

    def __init__(self, agent_id: str, known: tuple[str, ...]) -> None:
        super().__init__(f'unknown agent id "{agent_id}"', hint=f"configured agents: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Agent:
    """One configured persona. `workspace` is where its files are and its tools work."""

    id: str
    name: str | None
    workspace: PurePath
    identity: AgentIdentity = UNNAMED


@dataclass(frozen=True, slots=True)
class Roster:
    """The configured agents in their order; `default_id` answers when nobody is named."""

    agents: Mapping[str, Agent]
    default_id: str

    @classmethod
    def of(cls, config: Config, workspace: PurePath) -> Roster:
        """The roster of `config`; agents without a workspace of their own use `workspace`, or a sibling of it.

        Default agent: an entry marked `default`, else `main`, else the first entry, else an implied `main`.
        """
        entries = config.agents.entries
        base = PurePath(config.agents.defaults.workspace) if config.agents.defaults.workspace else workspace
        marked = next((key for key, entry in entries.items() if entry.default), None)
        default_id = marked or (MAIN_AGENT if MAIN_AGENT in entries or not entries else next(iter(entries)))
        agents = {
            key: Agent(
                key,
                entry.name or (entry.identity.name if entry.identity else None),
                PurePath(entry.workspace)
                if entry.workspace
                else (base if key == default_id else base.with_name(f"{base.name}-{key}")),
                entry.identity or UNNAMED,
            )
            for key, entry in entries.items()
        }
        return cls(agents or {MAIN_AGENT: Agent(MAIN_AGENT, None, base)}, default_id)

    def get(self, agent_id: str | None) -> Agent:
        """The agent of that id, the default one for None. Raises `UnknownAgent`."""
        if agent_id is None:
            return self.agents[self.default_id]
        if (agent := self.agents.get(agent_id)) is None:
            raise UnknownAgent(agent_id, tuple(self.agents))
        return agent

    def main_key(self) -> str:
        """The key of the default agent's main session."""
        return f"agent:{self.default_id}:{MAIN_KEY}"

    def locate(self, session_key: str, agent_id: str | None = None) -> tuple[str, str]:
        """The canonical key and the agent of a key as a client wrote it: `main`, `notes`, `agent:ops:notes`.

        A key that names its agent wins over `agent_id`. Raises `UnknownAgent`, `RequestError` for an empty key.
        """
        key = session_key.strip()
        if not key:
            raise RequestError("sessionKey must not be empty", hint=f'use "{MAIN_KEY}" for the main session')
        prefix, _, rest = key.partition(":")
        named, _, tail = rest.partition(":")
        if prefix == "agent" and named and tail:
            return key, self.get(named).id
        agent = self.get(agent_id)
        return f"agent:{agent.id}:{key}", agent.id
