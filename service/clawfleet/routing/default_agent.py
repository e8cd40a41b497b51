"""The agent that answers when no binding names another. Source: channels §2.9."""

from __future__ import annotations

from collections.abc import Iterable

UNCONFIGURED = "main"


def default_agent(agents: Iterable[tuple[str, bool]]) -> str:
    """The id of the default agent among `(id, says default: true)` in the order they were written.

    The first that says so, else the first, else `main`: a config never ends without an agent.
    """
    rows = list(agents)
    return next((agent_id for agent_id, is_default in rows if is_default), rows[0][0] if rows else UNCONFIGURED)
