"""One request in, one response out, whatever it is and whatever happens."""

import asyncio
import json
import logging
from collections.abc import Awaitable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from clawfleet.core.errors import HostError, RequestError
from clawfleet.core.metrics import Metrics
from clawfleet.protocol.frames import RequestFrame
from clawfleet.protocol.handshake import Client
from clawfleet.rpc.call import Call
from clawfleet.rpc.clients import Caller, ConnectionState
from clawfleet.rpc.registry import Method, Params, Result, Terms
from clawfleet.server.dispatch import Dispatcher, respond


class EchoParams(Params):
    say: str
    how_often: int = 1


class Echo(Result):
    heard_text: str


async def echo(call: Call, params: EchoParams) -> Echo:
    return Echo(heard_text=params.say * params.how_often)


async def wrong(call: Call, params: EchoParams) -> None:
    raise RequestError("that makes no sense", hint="say something else", place="here")


async def full(call: Call, params: EchoParams) -> None:
    raise HostError("the disk is full", retryAfterMs=2000)


async def broken(call: Call, params: EchoParams) -> None:
    raise ValueError("inner workings")


TABLE = {
    name: Method(name, Terms(scope), EchoParams, run)
    for name, scope, run in (
        ("echo", "operator.read", echo),
        ("open", None, echo),
        ("wrong", None, wrong),
        ("full", None, full),
        ("broken", None, broken),
    )
}
READER = Caller("c", Client(id="cli", version="1", platform="linux", mode="cli"), ("operator.read",), True)
NOBODY = Caller("c", READER.client, (), True)
ADMIN = Caller("c", READER.client, ("operator.admin",), True)


def refuse_follow_up(answer: Awaitable[Any]) -> None:
    raise AssertionError("there is no second answer")


async def answer(method: str, params: Any = None, caller: Caller = READER) -> dict[str, Any]:
    dispatcher = Dispatcher(SimpleNamespace(metrics=Metrics()), TABLE, list(TABLE))  # type: ignore[arg-type]
    frame = await dispatcher.answer(RequestFrame("r1", method, params), caller, refuse_follow_up)
    told: dict[str, Any] = json.loads(frame)
    assert (told["type"], told["id"]) == ("res", "r1")
    return told


async def test_a_call_is_answered_in_the_wires_spelling() -> None:
    told = await answer("echo", {"say": "ab", "howOften": 2, "newer": 1})
    assert (told["ok"], told["payload"]) == (True, {"heardText": "abab"})


async def test_what_is_on_offer_is_the_table() -> None:
    assert Dispatcher(SimpleNamespace(metrics=Metrics()), TABLE, list(TABLE)).names == list(TABLE)  # type: ignore[arg-type]


@pytest.mark.parametrize(("method", "scope"), [("echo", "operator.read"), ("nope", "operator.admin")])
async def test_the_scope_is_looked_at_before_anything_else(method: str, scope: str) -> None:
    """Who may not do everything learns nothing of what exists."""
    told = await answer(method, "not even an object", NOBODY)
    assert told["error"] == {
        "code": "FORBIDDEN",
        "message": f"missing scope: {scope}",
        "details": {"code": "MISSING_SCOPE", "missingScope": scope, "requiredScopes": [scope]},
    }


async def test_parameters_can_ask_for_more() -> None:
    """Patching a label is no administrator's matter, patching something else is."""

    def further(params: EchoParams) -> str | None:
        return "operator.admin" if params.how_often > 1 else None

    table = {"echo": Method("echo", Terms("operator.read", further=further), EchoParams, echo)}
    dispatcher = Dispatcher(SimpleNamespace(metrics=Metrics()), table, list(table))  # type: ignore[arg-type]

    async def ask(times: int, caller: Caller) -> dict[str, Any]:
        request = RequestFrame("r1", "echo", {"say": "a", "howOften": times})
        told: dict[str, Any] = json.loads(await dispatcher.answer(request, caller, refuse_follow_up))
        return told

    assert (await ask(1, READER))["ok"]
    assert (await ask(2, READER))["error"]["message"] == "missing scope: operator.admin"
    assert (await ask(2, ADMIN))["ok"]


async def test_a_node_calls_what_is_for_nodes_and_nobody_else_does() -> None:
    table = {"node.echo": Method("node.echo", Terms(None, role="node"), EchoParams, echo), **TABLE}
    dispatcher = Dispatcher(SimpleNamespace(metrics=Metrics()), table, list(table))  # type: ignore[arg-type]
    node = replace(NOBODY, role="node", state=ConnectionState())

    async def ask(method: str, caller: Caller) -> dict[str, Any]:
        frame = await dispatcher.answer(RequestFrame("r1", method, {"say": "a"}), caller, refuse_follow_up)
        told: dict[str, Any] = json.loads(frame)
        return told

    assert (await ask("node.echo", node))["ok"]
    assert (await ask("node.echo", ADMIN))["error"]["message"] == "unauthorized role: operator"
    assert (await ask("open", node))["error"]["message"] == "unauthorized role: node"
    assert (await ask("nope", node))["error"]["message"] == "unauthorized role: node"


async def test_a_method_without_a_scope_is_for_everybody() -> None:
    assert (await answer("open", {"say": "x"}, NOBODY))["ok"]


async def test_who_may_do_everything_learns_that_a_method_is_unknown() -> None:
    told = await answer("nope", caller=ADMIN)
    assert told["error"] == {"code": "INVALID_REQUEST", "message": "unknown method: nope"}


async def test_a_second_connect_is_refused_whoever_sends_it() -> None:
    told = await answer("connect", {}, NOBODY)
    assert told["error"]["message"] == "connect is only valid as the first request"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (None, "invalid echo params: must have required property 'say'"),
        ({"say": 1}, "invalid echo params: at /say: must be string"),
        ([], "invalid echo params: at root: must be object"),
        (0, "invalid echo params: at root: must be object"),
    ],
)
async def test_wrong_params_are_named(params: Any, text: str) -> None:
    assert (await answer("echo", params))["error"] == {"code": "INVALID_REQUEST", "message": text}


async def test_an_expected_failure_is_told_with_code_place_and_cure() -> None:
    assert (await answer("wrong", {"say": "x"}))["error"] == {
        "code": "INVALID_REQUEST",
        "message": "that makes no sense",
        "details": {"code": "INVALID_REQUEST", "place": "here", "hint": "say something else"},
    }
    busy = (await answer("full", {"say": "x"}))["error"]
    assert (busy["code"], busy["retryable"], busy["retryAfterMs"]) == ("UNAVAILABLE", True, 2000)


async def test_a_bug_is_logged_and_told_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="clawfleet.rpc"):
        told = await answer("broken", {"say": "x"})
    assert told["error"]["code"] == "UNAVAILABLE"
    assert "inner workings" not in json.dumps(told)
    assert "inner workings" in caplog.text
    assert "broken" in caplog.text


async def test_a_later_answer_is_mapped_like_the_first() -> None:
    async def later() -> None:
        raise RequestError("too late")

    frame = json.loads(await respond(RequestFrame("r9", "agent"), later()))
    assert (frame["id"], frame["ok"], frame["error"]["message"]) == ("r9", False, "too late")


async def test_a_cancelled_call_stays_cancelled() -> None:
    async def endless() -> None:
        await asyncio.Event().wait()

    task = asyncio.ensure_future(respond(RequestFrame("r9", "agent"), endless()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
