"""`question.list`, `mentions.list`: what waits for a person. Nothing here asks or mentions anybody yet."""

from __future__ import annotations

from typing import Any

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class Questions(Result):
    """The answer of `question.list`."""

    questions: list[dict[str, Any]]


@method("question.list", scope="operator.questions")
async def list_questions(call: Call, params: NoParams) -> Questions:
    """Questions that a turn waits for: none, agents have no tool to ask with."""
    return Questions(questions=[])


class Mentions(Result):
    """The answer of `mentions.list`. `revision` grows when a mention comes; it stays 0."""

    gateway_instance_id: str
    revision: int
    items: list[dict[str, Any]]


@method("mentions.list", scope="operator.read")
async def list_mentions(call: Call, params: NoParams) -> Mentions:
    """Where one person mentioned another: nowhere, sessions have one person each."""
    return Mentions(gateway_instance_id=call.gateway.vitals.boot_id, revision=0, items=[])
