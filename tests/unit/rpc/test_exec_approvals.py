"""Approvals over the wire: asked by one client, answered by another, and by tools in a turn."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.unit.agents.fakes import call, say
from tests.unit.rpc.house import House, open_house, until


class Page:
    """A client that can approve; `heard` is what it was told."""

    def __init__(self, house: House, *scopes: str) -> None:
        self.caller = replace(
            house.caller(*(scopes or ("operator.approvals",))), conn_id="page", caps=("exec-approvals",)
        )
        self.heard: list[dict[str, Any]] = []
        house.broadcast.join(self)

    def post(self, head: str, *, droppable: bool = False) -> None:
        frame = json.loads(f"{head}}}")
        if frame["event"].startswith("exec."):
            self.heard.append(frame)

    def put(self, frame: str) -> None:
        raise AssertionError("nothing is sent to one client alone")

    def close(self, code: int, reason: str) -> None: ...


async def request(house: House, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await house.call("exec.approval.request", command="ls -la", twoPhase=True, **params)
    return answer


async def test_with_nobody_to_approve_the_answer_is_no_route(house: House) -> None:
    asked = await request(house, timeoutMs=3000)
    assert asked["decision"] is None and asked["expiresAtMs"] == asked["createdAtMs"] + 3000
    waited = await house.call("exec.approval.waitDecision", id=asked["id"])
    assert waited == {**asked, "terminalReason": "no-route"}
    assert await house.call("exec.approval.list") == []
    assert (await house.refused("exec.approval.resolve", {"id": asked["id"], "decision": "deny"}))[
        "message"
    ] == "approval already resolved"


async def test_who_asks_is_nobody_to_answer(house: House) -> None:
    page = Page(house)
    (frame,) = await house.ask("exec.approval.request", {"command": "ls"}, caller=page.caller)
    assert frame["payload"]["decision"] is None
    assert page.heard == []


async def test_a_page_that_cannot_approve_is_not_asked(house: House) -> None:
    page = Page(house, "operator.read")
    asked = await request(house)
    assert (await house.call("exec.approval.waitDecision", id=asked["id"]))["terminalReason"] == "no-route"
    assert page.heard == []


async def test_a_page_is_asked_and_its_answer_counts(house: House) -> None:
    page = Page(house)
    asked = await request(house, ask="always", agentId="main", sessionKey="agent:main:main", host="gateway")
    (row,) = await house.call("exec.approval.list")
    assert page.heard[0]["payload"] == row
    assert (row["id"], row["approvalKind"], row["request"]["command"]) == (asked["id"], "exec", "ls -la")
    assert row["request"]["allowedDecisions"] == ["allow-once", "deny"]
    assert row["request"]["unavailableDecisions"] == ["allow-always"]
    got = await house.call("exec.approval.get", id=asked["id"])
    assert (got["commandText"], got["host"], got["nodeId"]) == ("ls -la", "gateway", None)
    answer = {"id": asked["id"], "decision": "allow-once"}
    for _ in range(2):
        assert await house.call("exec.approval.resolve", **answer) == {"ok": True}
    error = await house.refused("exec.approval.resolve", {**answer, "decision": "deny"})
    assert (error["message"], error["details"]["reason"]) == (
        "approval already resolved",
        "APPROVAL_ALREADY_RESOLVED",
    )
    assert (await house.call("exec.approval.waitDecision", id=asked["id"]))["terminalReason"] == "user"
    ended = page.heard[1]
    assert (ended["event"], ended["payload"]["decision"], ended["payload"]["resolvedBy"]) == (
        "exec.approval.resolved",
        "allow-once",
        "cli",
    )


async def test_who_does_not_say_two_phases_waits_for_the_decision(house: House) -> None:
    Page(house)
    asking = asyncio.ensure_future(house.call("exec.approval.request", command="ls", id="mine"))
    await until(house.gateway.toolbox.approvals.pending)
    await house.call("exec.approval.resolve", id="mine", decision="deny")
    assert (await asking)["decision"] == "deny"


async def test_what_is_wrong_with_an_answer_is_said(house: House) -> None:
    Page(house)
    await request(house, id="mine")
    for params, words in (
        ({"id": "mine", "decision": "bogus"}, "invalid decision"),
        ({"id": "nope", "decision": "deny"}, "unknown or expired approval id"),
    ):
        assert (await house.refused("exec.approval.resolve", params))["message"] == words
    assert (await house.refused("exec.approval.get", {"id": "nope"}))["details"]["reason"] == "APPROVAL_NOT_FOUND"
    error = await house.refused("exec.approval.waitDecision", {"id": "nope"})
    assert error["message"] == "approval expired or not found"
    assert (await house.refused("exec.approval.request", {}))["message"] == "command is required"
    assert (await house.refused("exec.approval.request", {"command": "x", "id": "mine"}))[
        "message"
    ] == "approval id already pending"


async def test_automations_have_no_grants(house: House) -> None:
    assert await house.call("exec.approval.grants.list") == {"grants": []}
    assert await house.call("exec.approval.grants.revoke", grantId="x") == {"outcome": "not-found"}


async def test_the_document_is_read_and_written_over_what_was_read(house: House) -> None:
    first = await house.call("exec.approvals.get")
    assert (first["exists"], first["file"]) == (False, {"version": 1, "defaults": {}, "agents": {}})
    assert first["resolvedDefaults"] == {
        "security": "full",
        "ask": "off",
        "askFallback": "deny",
        "autoAllowSkills": False,
    }
    file = {"version": 1, "socket": {"path": "/s"}, "defaults": {"ask": "always", "security": "full"}, "agents": {}}
    second = await house.call("exec.approvals.set", file=file, baseHash=first["hash"])
    assert (second["file"], second["resolvedDefaults"]["ask"]) == (file, "always")
    error = await house.refused("exec.approvals.set", {"file": file, "baseHash": first["hash"]})
    assert error["message"] == "exec approvals changed since last load; re-run exec.approvals.get and retry"
    error = await house.refused("exec.approvals.set", {"file": {"version": 1, "defaults": {"ask": "maybe"}}})
    assert "invalid exec.approvals.set params" in error["message"]


async def test_a_turn_waits_for_the_answer_and_goes_on(tmp_path: Path) -> None:
    steps = [call("exec", '{"command": "echo hi-from-exec"}'), say("done")]
    async with open_house(tmp_path, {"tools": {"exec": {"ask": "always"}}}, steps=steps) as house:
        page = Page(house)
        await house.call("chat.send", sessionKey="main", message="go", idempotencyKey="r1")
        await until(lambda: page.heard)
        asked = page.heard[0]["payload"]
        assert (asked["request"]["command"], asked["request"]["runId"]) == ("echo hi-from-exec", "r1")
        await house.call("exec.approval.resolve", id=asked["id"], decision="allow-once")
        await house.settled()
        history = await house.call("chat.history", sessionKey="main")
    assert "hi-from-exec" in str(history["messages"][2])


async def test_without_anybody_the_model_is_told_why_nothing_ran(tmp_path: Path) -> None:
    steps = [call("exec", '{"command": "echo hi-from-exec"}'), say("done")]
    async with open_house(tmp_path, {"tools": {"exec": {"mode": "ask"}}}, steps=steps) as house:
        await house.say("go")
        history = await house.call("chat.history", sessionKey="main")
    assert "Headless runs cannot wait" in str(history["messages"][2])
