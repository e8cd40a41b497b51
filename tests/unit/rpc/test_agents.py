"""`agents.list` names who answers; `agent` answers twice: accepted, then done."""

import asyncio
import json
from pathlib import Path

from clawfleet.core.errors import ProviderError
from clawfleet.models.providers.base import TextDelta
from tests.unit.agents.fakes import say
from tests.unit.rpc.house import House, open_house, until

TWO = {
    "agents": {
        "entries": {
            "ops": {"name": "Ops", "model": "fake/one"},
            "home": {"default": True, "workspace": "/srv/home"},
        }
    },
    "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "models": [{"id": "one"}]}}},
}


async def test_without_a_config_there_is_one_agent_with_a_model(house: House) -> None:
    listed = await house.call("agents.list")
    assert (listed["defaultId"], listed["mainKey"], listed["scope"]) == ("main", "main", "per-sender")
    assert (listed["ownership"], listed["selectionRequired"]) == ("sole", False)
    (main,) = listed["agents"]
    assert main["model"] == {"primary": "demo/echo"}
    assert main["workspace"].endswith("workspace")


async def test_configured_agents_come_in_their_order_with_their_own_models(tmp_path: Path) -> None:
    async with open_house(tmp_path, TWO) as house:
        listed = await house.call("agents.list")
    assert (listed["defaultId"], listed["ownership"]) == ("home", "explicit")
    ops, home = listed["agents"]
    assert (ops["id"], ops["name"], ops["model"]["primary"]) == ("ops", "Ops", "fake/one")
    assert (home["id"], home["workspace"]) == ("home", "/srv/home")


async def test_an_agent_answers_twice_to_one_request(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[say("hello you")]) as house:
        first, second = await house.ask("agent", {"message": "hi", "idempotencyKey": "k1", "sessionKey": "notes"})
    assert first["payload"] == {
        "runId": "k1",
        "sessionKey": "agent:main:notes",
        "agentId": "main",
        "status": "accepted",
        "acceptedAt": first["payload"]["acceptedAt"],
    }
    done = second["payload"]
    assert (done["runId"], done["status"], done["summary"]) == ("k1", "ok", "completed")
    assert done["result"]["payloads"] == [{"text": "hello you", "mediaUrl": None}]
    meta = done["result"]["meta"]
    assert meta["durationMs"] >= 0
    assert (meta["agentMeta"]["provider"], meta["agentMeta"]["model"]) == ("demo", "echo")
    assert meta["agentMeta"]["usage"]["total"] == 12


async def test_a_failure_is_the_second_response_with_its_cause(tmp_path: Path) -> None:
    error = ProviderError("the key was refused", hint="set a valid one", reason="auth")
    async with open_house(tmp_path, steps=[[error]]) as house:
        _, second = await house.ask("agent", {"message": "hi", "idempotencyKey": "k1"})
    assert not second["ok"]
    assert (second["error"]["code"], second["error"]["message"]) == ("UNAVAILABLE", "the key was refused")
    assert second["error"]["details"] == {"code": "PROVIDER_ERROR", "reason": "auth", "hint": "set a valid one"}


async def test_the_same_key_while_it_runs_waits_for_the_same_answer(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_house(tmp_path, steps=[[gate, *say("once")]]) as house:
        params = {"message": "hi", "idempotencyKey": "k1"}
        first = asyncio.ensure_future(house.ask("agent", params))
        await until(house.gateway.runs.live)
        joined, (later,) = await house.open_ask("agent", params)
        gate.set()
        _, one = await first
        other = json.loads(await later)
        last = await house.ask("agent", params)
    assert joined["payload"]["status"] == "in_flight"
    assert one["payload"]["result"] == other["payload"]["result"]
    (again,) = last
    assert (again["payload"]["status"], again["payload"]["summary"]) == ("ok", "completed")
    assert again["payload"]["result"]["payloads"] == [{"text": "once", "mediaUrl": None}]


async def test_a_key_whose_run_failed_or_was_stopped_says_so_when_it_comes_again(tmp_path: Path) -> None:
    async with open_house(tmp_path, steps=[[ProviderError("the key was refused")], [asyncio.Event()]]) as house:
        failing, stopped = ({"message": "hi", "idempotencyKey": key} for key in ("k1", "k2"))
        await house.ask("agent", failing)
        (failed,) = await house.ask("agent", failing)
        waiting = asyncio.ensure_future(house.ask("agent", stopped))
        await until(lambda: house.gateway.runs.abort(session_key="agent:main:main"))
        assert (await waiting)[1]["payload"]["summary"] == "aborted: rpc"
        (over,) = await house.ask("agent", stopped)
    assert (failed["payload"]["status"], failed["payload"]["summary"]) == ("error", "⚠️ the key was refused")
    assert (over["payload"]["status"], over["payload"]["summary"]) == ("ok", "aborted")


async def test_a_caller_that_leaves_does_not_take_the_answer_from_the_others(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_house(tmp_path, steps=[[TextDelta("a"), gate, *say("b")]]) as house:
        params = {"message": "hi", "idempotencyKey": "k1"}
        leaving = asyncio.ensure_future(house.ask("agent", params))
        await until(lambda: any(run.text for run in house.gateway.runs.live()))
        leaving.cancel()
        await asyncio.wait({leaving})
        _, (staying,) = await house.open_ask("agent", params)
        gate.set()
        assert json.loads(await staying)["payload"]["result"]["payloads"][0]["text"] == "ab"
    assert leaving.cancelled()


async def test_an_unknown_agent_or_a_missing_field_is_refused_by_name(house: House) -> None:
    unknown = await house.refused("agent", {"message": "hi", "idempotencyKey": "k", "agentId": "nope"})
    assert (unknown["code"], unknown["message"]) == ("INVALID_REQUEST", 'invalid agent params: unknown agent id "nope"')
    assert unknown["details"]["hint"] == "configured agents: main"
    missing = await house.refused("agent", {"message": "hi"})
    assert missing["message"] == "invalid agent params: must have required property 'idempotencyKey'"
    refused = await house.refused(
        "agent", {"message": "hi", "idempotencyKey": "k"}, caller=house.caller("operator.read")
    )
    assert refused["details"]["missingScope"] == "operator.write"


async def test_another_model_answers_when_the_caller_names_one(tmp_path: Path) -> None:
    async with open_house(tmp_path, TWO, steps=[say("from one")]) as house:
        _, second = await house.ask("agent", {"message": "hi", "idempotencyKey": "k", "model": "fake/one"})
        _, failed = await house.ask("agent", {"message": "hi", "idempotencyKey": "l", "model": "fake/onee"})
    assert second["payload"]["result"]["meta"]["agentMeta"]["model"] == "one"
    assert (failed["error"]["code"], failed["error"]["details"]["code"]) == ("INVALID_REQUEST", "UNKNOWN_MODEL")
    assert "fake/one" in failed["error"]["details"]["hint"]


async def test_an_agent_is_shown_by_name_or_as_the_assistant(tmp_path: Path, house: House) -> None:
    shown = await house.call("agent.identity.get")
    assert shown == {"agentId": "main", "name": "Assistant", "nameSource": "default", "avatar": "A"}


async def test_the_older_identity_is_the_default_agents(tmp_path: Path) -> None:
    config = {"identity": {"name": "Clawd", "theme": "calm", "emoji": "🦞"}}
    async with open_house(tmp_path, config) as house:
        shown = await house.call("agent.identity.get")
        row = (await house.call("agents.list"))["agents"][0]
    assert (shown["name"], shown["nameSource"], shown["avatar"], shown["emoji"]) == ("Clawd", "config", "🦞", "🦞")
    assert (row["name"], row["identity"]) == ("Clawd", config["identity"])


async def test_only_an_administrator_lets_an_agent_begin_anew(house: House) -> None:
    writer = house.caller("operator.write")
    error = await house.refused("agent", {"message": "/new", "idempotencyKey": "k"}, caller=writer)
    assert error["details"]["missingScope"] == "operator.admin"


async def test_who_waits_for_a_run_hears_how_it_ended(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_house(tmp_path, steps=[[gate, *say("done")]]) as house:
        await house.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k1")
        early = await house.call("agent.wait", runId="k1", timeoutMs=0)
        assert early == {"runId": "k1", "status": "timeout"}
        gate.set()
        over = await house.call("agent.wait", runId="k1", timeoutMs=5000)
        assert (over["status"], over["stopReason"]) == ("ok", "stop")
        assert over["terminalReply"] == {"disposition": "visible", "text": "done"}
        await house.settled()
        later = await house.call("agent.wait", runId="k1", timeoutMs=5000)
        assert (later["status"], later["terminalReply"]) == ("ok", over["terminalReply"])
        assert await house.call("agent.wait", runId="nobody", timeoutMs=1) == {"runId": "nobody", "status": "timeout"}
