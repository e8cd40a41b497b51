"""Nonsense at the door and in every method: refused in words, never by a bug, and the socket goes on."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clawfleet import rpc
from clawfleet.protocol.frames import BadFrame, NotJson, read_request
from clawfleet.protocol.handshake import Connect, Refused, read_connect
from clawfleet.protocol.shapes import Response
from clawfleet.rpc.registry import Method, collect
from tests.support.protocol_client import ProtocolClient
from tests.unit.rpc.house import House, demo_at_once, open_house
from tests.unit.server.served import Served, serve

METHODS = collect(rpc)
IS_LARGE = "full" in os.environ.get("CLAWFLEET_REQUIRE", "")
QUICK = settings(
    max_examples=400 if IS_LARGE else 25,
    deadline=None,
    derandomize=not IS_LARGE,
    database=None,
    suppress_health_check=list(HealthCheck),
)

WAITING = frozenset({"agent.wait", "exec.approval.request", "exec.approval.waitDecision"})
"""Methods that may answer as late as they were asked to."""

PLAUSIBLE = st.sampled_from(
    [
        *("main", "agent:main:main", "agent:nobody:main", "demo/echo", "telegram", "default", "../../etc/passwd"),
        *("", " ", "\x00", "a" * 5000, "🦞", "\ud7ff", "{}", "[1]", "2026-01-01T00:00:00Z", "off", "high", "deny"),
        *(0, 1, -1, 2**31, 2**63, 2**70, 0.5, 1e308, True, False, None),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANYTHING = st.recursive(
    LEAVES | PLAUSIBLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def params_of(method: Method) -> st.SearchStrategy[Any]:
    """Values for a method's own parameters, mostly; sometimes something else altogether."""
    fields = method.params.model_fields
    names = {field.alias or name: field.is_required() for name, field in fields.items()}
    needed = {name: PLAUSIBLE for name, is_required in names.items() if is_required}
    further = {name: PLAUSIBLE | ANYTHING for name in names if name not in needed}
    return st.one_of(
        st.fixed_dictionaries(needed, optional=further), st.fixed_dictionaries({}, optional=further), ANYTHING
    )


def request(method: str, params: Any) -> str:
    """A request frame."""
    return json.dumps({"type": "req", "id": "x", "method": method, "params": params})


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for a module's worth of examples."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def house(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that all the nonsense is thrown at."""
    with pytest.MonkeyPatch.context() as patch:
        demo_at_once(patch)
        opening = open_house(tmp_path_factory.mktemp("fuzz"))
        yield runner.run(opening.__aenter__())
        runner.run(opening.__aexit__(None, None, None))


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_no_parameters_bring_a_method_down(method: Method, house: House, runner: asyncio.Runner) -> None:
    """Whatever a client sends, the answer is a result or an error that says what is wrong."""

    async def ask(params: Any) -> list[Any]:
        try:
            async with asyncio.timeout(0.2 if method.name in WAITING else 60):
                return await house.ask(method.name, params)
        except TimeoutError:
            assert method.name in WAITING, params
            return []

    @QUICK
    @given(params_of(method))
    def throw(params: Any) -> None:
        for frame in runner.run(ask(params)):
            assert frame["ok"] or "failed inside the gateway" not in frame["error"]["message"], (params, frame)
            Response.model_validate(frame)

    throw()


@QUICK
@given(st.text() | st.binary() | ANYTHING.map(json.dumps))
def test_no_frame_brings_the_reader_down(data: str | bytes) -> None:
    try:
        read_request(data)
    except (NotJson, BadFrame) as error:
        assert error.message


@QUICK
@given(st.text() | st.binary() | ANYTHING.map(lambda params: request("connect", params)))
def test_no_first_frame_brings_the_handshake_down(data: str | bytes) -> None:
    read = read_connect(data)
    assert isinstance(read, Connect | Refused)


def test_no_frames_leave_a_socket_stuck(runner: asyncio.Runner, tmp_path: Path) -> None:
    """After any nonsense the same socket still answers, or it was closed with a code."""
    frames = st.lists(
        st.text()
        | st.binary()
        | ANYTHING.map(json.dumps)
        | st.builds(request, st.sampled_from(["health", "status", "chat.history", "nope", "connect"]), ANYTHING),
        max_size=8,
    )

    async def talk(served: Served, client: ProtocolClient, data: list[str | bytes]) -> None:
        for frame in data:
            await client.send(frame)
        assert (await client.call("health"))["ok"] is True

    async def play() -> None:
        async with serve(tmp_path) as served, served.connect() as client:
            loop = asyncio.get_running_loop()

            @QUICK
            @given(frames)
            def throw(data: list[str | bytes]) -> None:
                asyncio.run_coroutine_threadsafe(talk(served, client, data), loop).result(30)

            await asyncio.to_thread(throw)

    runner.run(play())
