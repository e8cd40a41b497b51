"""All kinds of approvals in one shape."""

from tests.unit.rpc.house import House
from tests.unit.rpc.test_exec_approvals import Page


async def test_a_request_is_seen_while_it_waits_and_when_it_is_over(house: House) -> None:
    Page(house)
    await house.call("exec.approval.request", command="ls", id="a/b", twoPhase=True, agentId="main")
    waiting = (await house.call("approval.get", id="a/b"))["approval"]
    assert (waiting["status"], waiting["urlPath"]) == ("pending", "/approve/a%2Fb")
    assert waiting["presentation"]["commandText"] == "ls" and "decision" not in waiting
    assert await house.call("approval.history") == {"items": []}
    answer = {"id": "a/b", "kind": "exec", "decision": "allow-once"}
    first = await house.call("approval.resolve", **answer)
    again = await house.call("approval.resolve", **{**answer, "decision": "deny"})
    assert (first["applied"], again["applied"]) == (True, False)
    (over,) = (await house.call("approval.history", limit=5))["items"]
    assert over == first["approval"] == again["approval"]
    assert (over["status"], over["reason"], over["decision"]) == ("allowed", "user", "allow-once")
    assert over["source"] == {"agentId": "main"} and over["resolver"] == {"kind": "runtime", "id": "cli"}
    assert await house.call("approval.history", kind="plugin") == {"items": []}


async def test_one_that_nobody_could_answer_is_denied_by_the_system(house: House) -> None:
    await house.call("exec.approval.request", command="ls", id="x", twoPhase=True)
    over = (await house.call("approval.get", id="x"))["approval"]
    assert (over["status"], over["reason"], over["decision"]) == ("denied", "no-route", "deny")
    assert over["resolver"] == {"kind": "system", "id": "no-approval-route"}


async def test_one_that_is_not_there_is_not_found(house: House) -> None:
    assert (await house.refused("approval.get", {"id": "nope"}))["message"] == "approval not found"
    asked = {"id": "nope", "kind": "exec", "decision": "deny"}
    assert (await house.refused("approval.resolve", asked))["details"]["reason"] == "APPROVAL_NOT_FOUND"


async def test_plugins_and_the_gateway_itself_ask_nothing(house: House) -> None:
    assert await house.call("plugin.approval.list") == []
    assert await house.call("openclaw.approval.list") == []
