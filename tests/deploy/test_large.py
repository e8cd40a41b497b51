"""Fleets of the size that people have: twenty gateways on four hosts, fifty hosts, an upgrade while people talk."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import WebSocketException

from tests.deploy import isolation
from tests.deploy.fleets import HTTP_API, Fleet, remove, some_hosts
from tests.deploy.many import COUNT, many_hosts
from tests.deploy.releases import release
from tests.support.protocol_client import ProtocolClient, connected

pytestmark = [pytest.mark.docker, pytest.mark.full]

HOSTS = {"east-1": "user", "east-2": "system", "west-1": "user", "west-2": "system"}
GATEWAYS = {f"g{number}": {"osUser": f"claw{number}", "tenant": f"t{number}"} for number in range(1, 6)}
TALKERS = 3
PACE_S = 0.5
PAGE = 1000
KEPT_WITHIN_S = 120


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Iterator[Fleet]:
    """Four hosts with five gateways each, every gateway with a user of its own."""
    fleet = some_hosts(tmp_path_factory.mktemp("four"), wheelhouse, HOSTS, GATEWAYS)
    fleet.tree["rollout"]["gateTimeoutS"] = 180
    fleet.tree["defaults"] = {"config": HTTP_API["config"] | isolation.PROVIDER}
    fleet.limit_s = 1800
    yield fleet
    remove(fleet)


def test_twenty_gateways_from_empty_hosts(four: Fleet, record_property: Any) -> None:
    """One command, all ready; a second one changes nothing; a killed one is seen."""
    began = time.monotonic()
    first = four.openclaw("deploy")
    record_property("first deploy, seconds", time.monotonic() - began)
    assert first.code == 0, first.stderr
    began = time.monotonic()
    again = four.openclaw("deploy", "--json")
    record_property("unchanged deploy, seconds", time.monotonic() - began)
    assert {row["state"] for row in again.document["hosts"]} == {"unchanged"}
    began = time.monotonic()
    seen = four.openclaw("status", "--json")
    record_property("status of 20 gateways, seconds", time.monotonic() - began)
    assert seen.code == 0
    assert time.monotonic() - began < 15
    rows = seen.document["gateways"]
    assert len(rows) == 20
    table = four.openclaw("status").stdout.splitlines()[1:]
    assert [line.split()[:2] for line in table] == [[row["host"], row["gateway"]] for row in rows]

    victim = next(row for row in rows if row["host"] == "west-2")
    four.inside("west-2", "systemctl", "kill", "-s", "STOP", "openclaw-gateway-g1")
    try:
        hurt = four.openclaw("status", "--json", "--limit", "west-2")
        assert hurt.code == 2
        assert next(row for row in hurt.document["gateways"] if row["pid"] == victim["pid"])["ready"] is not True
    finally:
        four.inside("west-2", "systemctl", "kill", "-s", "CONT", "openclaw-gateway-g1")


@pytest.mark.parametrize("host", HOSTS)
def test_everything_is_whose_it_should_be_and_nobody_sees_anothers(four: Fleet, host: str) -> None:
    """Owner and mode of every file; secrets, config, state and process of others are closed, to agents' tools too."""
    assert four.openclaw("deploy", "--limit", host).code == 0
    gateways = isolation.placed(four, host)
    assert isolation.misplaced(four, host, gateways) == []
    assert isolation.leaks(four, host, gateways) == []
    isolation.start_provider(four, host, "g1")
    for one in gateways:
        if one.scope == "system":
            assert isolation.exposure(four, host, one.unit) <= 2.0
        others = [path for other in gateways if other is not one for path in other.private()]
        tried = ["sh", "-c", isolation.READABLE, "sh", *others, f"{one.state_dir}/.env"]
        said = isolation.told_by_a_tool(four, host, one, shlex.join(tried))
        assert said == f"The tool said: {one.state_dir}/.env"


class Talker:
    """A person who writes again and again, and comes back when the connection ends."""

    def __init__(self, url: str, token: str, name: str) -> None:
        self.url = url
        self.token = token
        self.key = f"agent:main:{name}"
        self.acknowledged: list[str] = []
        self.connections = 0

    async def talk(self, done: asyncio.Event) -> None:
        while not done.is_set():
            with contextlib.suppress(OSError, AssertionError, WebSocketException):
                async with connected(self.url, self.token) as client:
                    self.connections += 1
                    while not done.is_set():
                        text = f"message {len(self.acknowledged)} {time.monotonic_ns()}"
                        await client.send_chat(text, key=self.key)
                        self.acknowledged.append(text)
                        await asyncio.sleep(PACE_S)
                    await client.socket.close()
                    return
            await asyncio.sleep(0.3)


async def said(client: ProtocolClient, key: str) -> list[str]:
    """The texts that people wrote in a session, as the gateway keeps them."""
    texts: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = await client.call("chat.history", sessionKey=key, limit=PAGE, offset=offset)
        for message in page["messages"]:
            parts = message["content"] if message["role"] == "user" else []
            texts += [parts] if isinstance(parts, str) else [part["text"] for part in parts if part["type"] == "text"]
        offset = page.get("nextOffset")
    return texts


async def address_of(request: pytest.FixtureRequest, tunnel: subprocess.Popen[str]) -> str:
    """Where a tunnel's gateway is reached; when the test is over it ends, with all that it started."""

    def end() -> None:
        tunnel.terminate()
        tunnel.communicate(timeout=30)  # whoever still held its output open would outlive it

    request.addfinalizer(end)
    assert tunnel.stdout
    lines: list[str] = []
    while not lines or lines[-1].rstrip() != "}":
        lines.append(await asyncio.to_thread(tunnel.stdout.readline))
        assert lines[-1]
    url: str = json.loads("".join(lines))["url"]
    return url.replace("http", "ws")


async def test_an_upgrade_while_people_talk_loses_nothing(
    four: Fleet, tmp_path: Path, request: pytest.FixtureRequest, record_property: Any
) -> None:
    """Every acknowledged message is in its session afterwards; nobody had to come back more than once."""
    assert four.openclaw("deploy").code == 0
    newer = release(four.wheelhouse, tmp_path / "wheels", "0.2.0")
    token = four.tokens()["east-1/g1"]
    url = await address_of(request, four.begin("tunnel", "east-1/g1", "--json"))
    talkers = [Talker(url, token, f"talker-{number}") for number in range(TALKERS)]
    done = asyncio.Event()
    async with asyncio.timeout(four.limit_s), asyncio.TaskGroup() as group:
        for talker in talkers:
            group.create_task(talker.talk(done))
        while not all(talker.acknowledged for talker in talkers):
            await asyncio.sleep(0.1)
        upgraded = await asyncio.to_thread(four.openclaw, "deploy", "--json", wheelhouse=newer)
        before = [len(talker.acknowledged) for talker in talkers]
        while any(len(talker.acknowledged) < count + 2 for talker, count in zip(talkers, before, strict=True)):
            await asyncio.sleep(0.1)
        done.set()
    assert upgraded.code == 0, upgraded.stderr
    gates = [gate["seconds"] for row in upgraded.document["hosts"] for gate in row["gates"]]
    record_property("seconds per gateway of an upgrade", sorted(gates)[len(gates) // 2])
    async with connected(url, token) as client:
        for talker in talkers:
            async with asyncio.timeout(KEPT_WITHIN_S):  # what was acknowledged may still wait for its turn
                while not set(talker.acknowledged) <= set(kept := await said(client, talker.key)):
                    await asyncio.sleep(0.5)
            # What was sent and not acknowledged may be there too; nothing is there twice.
            assert sorted(text for text in kept if text in talker.acknowledged) == sorted(talker.acknowledged)
        await client.socket.close()
    assert [talker.connections for talker in talkers] == [2] * TALKERS


@pytest.mark.parametrize("fault", ["hangs", "never ready"])
def test_a_release_that_never_gets_ready_is_taken_back(four: Fleet, tmp_path: Path, fault: str) -> None:
    """It starts, and even says that it is live: that is not enough."""
    four.tree["rollout"]["gateTimeoutS"] = 60  # what ran before has to come back within it too
    bad = release(four.wheelhouse, tmp_path / "wheels", "0.3.0", fault)
    failed = four.openclaw("deploy", "--limit", "east-1/g1", "--limit", "east-2/g1", "--json", wheelhouse=bad)
    four.tree["rollout"]["gateTimeoutS"] = 180
    assert failed.code == 5, failed.stderr
    assert [row["state"] for row in failed.document["hosts"]] == ["rolled back", "untouched"]
    assert four.openclaw("status", "--limit", "east-1").code == 0


def test_fifty_hosts_are_looked_at_at_once(four: Fleet, record_property: Any) -> None:
    """Fifty addresses of one machine: each is a host with its own connection, as far as this side can tell.

    All fifty are busy on the same two cores here; what counts is what the machine that asks has to do itself.
    """
    many = many_hosts(four, "west-2", "g1", GATEWAYS["g1"])
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    seen = many.openclaw("status", "--json")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    record_property("status of 50 hosts, seconds", time.monotonic() - began)
    record_property("status of 50 hosts, seconds of this side's processor", own)
    assert len([row for row in seen.document["gateways"] if row["ready"]]) == COUNT, seen.document["unreachable"][:3]
    assert own < 5
