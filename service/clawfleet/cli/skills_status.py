"""What the skills commands show: as the running gateway tells it, or as it follows from config and disk."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clawfleet.cli.context import CliContext
from clawfleet.cli.target import Ask, find_place, open_gateway
from clawfleet.core.errors import GatewayError, RequestError


class NoSuchSkill(RequestError):
    """The agent finds no skill of that name."""

    code = "NO_SUCH_SKILL"
    exit_code = 1

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(name, known, n=1)
        super().__init__(
            f"no skill {name!r}", hint=f"did you mean {near[0]}?" if near else "openclaw skills list shows all"
        )


def skills_status(cli: CliContext, ask: Ask, agent: str | None) -> dict[str, Any]:
    """The answer of `skills.status`, also without a gateway on this machine."""
    place = find_place(cli, ask.port)
    if ask != Ask() or (place.lock is not None and place.lock.alive):
        try:
            with open_gateway(cli, ask, scopes=("operator.read",)) as gateway:
                return dict(gateway.call("skills.status", {"agentId": agent} if agent else {}))
        except GatewayError as error:
            if ask != Ask() or isinstance(error, RequestError):
                raise
    return _from_disk(cli, agent)


def one_of(status: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The row of one skill, by its name or its key. Raises NoSuchSkill."""
    rows = status.get("skills") or []
    exact = [row for row in rows if row["name"] == name]
    for row in exact or [row for row in rows if row["skillKey"].lower() == name.lower()]:
        return dict(row)
    raise NoSuchSkill(name, [row["name"] for row in rows])


def state_of(row: Mapping[str, Any]) -> str:
    """`ready`, or what keeps a skill from it."""
    lacks = [str(name) for names in (row.get("missing") or {}).values() if isinstance(names, list) for name in names]
    if row.get("disabled"):
        return "disabled"
    if row.get("blockedByAgentFilter"):
        return "not for this agent"
    if row.get("eligible"):
        return "ready"
    return f"needs {', '.join(lacks)}" if lacks else "not here"


def _from_disk(cli: CliContext, agent: str | None) -> dict[str, Any]:
    from clawfleet.agents.shelf import Shelf
    from clawfleet.agents.skills import managed_dir
    from clawfleet.routing.roster import Roster
    from clawfleet.rpc.registry import to_wire
    from clawfleet.rpc.skills import SkillRow, SkillsStatus

    one = Roster.of(cli.snapshot.config, cli.instance.workspace).get(agent)
    shelf = Shelf.of(cli.instance, cli.snapshot)
    found = asyncio.run(shelf.found(Path(one.workspace)))
    status = SkillsStatus(
        workspace_dir=str(one.workspace),
        managed_skills_dir=str(managed_dir(cli.instance.state_dir)),
        agent_id=one.id,
        skills=[SkillRow.of(skill, allowed=shelf.is_allowed(one.id, skill.file.name)) for skill in found],
    )
    wire: dict[str, Any] = to_wire(status)
    return wire
