"""`board.get`, `artifacts.list`: what an agent lays out beside its chat. No tool here makes any."""

from __future__ import annotations

from typing import Any

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class OfSessionParams(Params):
    """Of which session."""

    session_key: str
    agent_id: str | None = None


class Board(Result):
    """The answer of `board.get`. `revision` grows with every change; a board that nobody touched has 0."""

    session_key: str
    revision: int
    tabs: list[dict[str, Any]]
    widgets: list[dict[str, Any]]


@method("board.get", scope="operator.read")
async def get_board(call: Call, params: OfSessionParams) -> Board:
    """The board of a session: empty."""
    key, _ = call.gateway.roster.locate(params.session_key, params.agent_id)
    return Board(session_key=key, revision=0, tabs=[], widgets=[])


class ArtifactsParams(Params):
    """Which artifacts."""

    session_key: str | None = None
    agent_id: str | None = None


class Artifacts(Result):
    """The answer of `artifacts.list`."""

    artifacts: list[dict[str, Any]]


@method("artifacts.list", scope="operator.read")
async def list_artifacts(call: Call, params: ArtifactsParams) -> Artifacts:
    """Files that turns made for people: none, tools keep theirs in the workspace."""
    call.gateway.roster.locate(params.session_key or "main", params.agent_id)
    return Artifacts(artifacts=[])
