"""A login that has run out is renewed once, however many turns of however many processes need it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import AuthStore
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.fakes.oauth.app import FIRST, make_app
from tests.fakes.openai.app import fingerprint
from tests.fakes.serving import in_thread
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.fakes import ask
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import connected

LIMIT_S = 30.0
NEW = "access-1"


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    """A provider that knows the renewed access token only."""
    with openai_in_process() as running:
        running.keys(**{NEW: {}})
        yield running


@pytest.fixture
def login() -> Iterator[str]:
    with in_thread(make_app) as url:
        yield url


@pytest.fixture
def running(gateway: GatewayFactory, fake: FakeOpenAI, login: str) -> GatewayProcess:
    """A gateway whose only key is a login that ran out."""
    row = {key: value for key, value in fake.provider("fake-1").items() if key != "apiKey"}
    started = gateway({"models": {"providers": {"lan": row}}, "agents": {"defaults": {"model": "lan/fake-1"}}})

    async def put() -> None:
        db = await Database.open(started.state_dir / "clawfleet" / "gateway.sqlite", MIGRATIONS)
        run_out = AuthProfile(
            "lan:me",
            "lan",
            "oauth",
            "access-0",
            refresh=FIRST,
            expires_at_ms=1,
            token_url=f"{login}/token",
            owner="main",
        )
        await AuthStore(db).put(run_out)
        await db.close()

    asyncio.run(put())
    return started


def renewals(login: str, *, at_least: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(f"{login}/_requests?at_least={at_least}")["requests"]
    return found


def test_twenty_turns_at_once_renew_it_once(running: GatewayProcess, fake: FakeOpenAI, login: str) -> None:
    ask(f"{login}/_hold", {})

    async def talk() -> list[str]:
        async with connected(running.ws_url, running.token) as client:
            runs = [await client.send_chat("hello", key=f"agent:main:{number}") for number in range(20)]
            await asyncio.to_thread(renewals, login, at_least=1)
            await asyncio.to_thread(ask, f"{login}/_release", {})
            return [(await client.ended(run))["state"] for run in runs]

    assert asyncio.run(talk()) == ["final"] * 20
    assert [row["form"]["refresh_token"] for row in renewals(login)] == [FIRST]
    assert {row["auth"] for row in fake.requests(at_least=20)} == {fingerprint(NEW)}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="sees in /proc that a process waits")
def test_two_processes_renew_it_once(running: GatewayProcess, fake: FakeOpenAI, login: str) -> None:
    ask(f"{login}/_hold", {})

    async def begin() -> str:
        async with connected(running.ws_url, running.token) as client:
            run = await client.send_chat("hello")
            await asyncio.to_thread(renewals, login, at_least=1)
            probe = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "clawfleet", "models", "status", "--probe"),
                env=running.env, cwd=running.home, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            await asyncio.to_thread(_waits_for_lock, probe.pid, running.state_dir)
            await asyncio.to_thread(ask, f"{login}/_release", {})
            told, _ = await asyncio.wait_for(probe.communicate(), LIMIT_S)
            assert (await client.ended(run))["state"] == "final"
            return told.decode()

    told = asyncio.run(begin())
    assert "lan:me" in told and "ok · " in told, told
    assert [row["form"]["refresh_token"] for row in renewals(login)] == [FIRST]
    assert {row["auth"] for row in fake.requests(at_least=2)} == {fingerprint(NEW)}


def _waits_for_lock(pid: int, state_dir: Path) -> None:
    """Return once the process has the lock's file open: the gateway holds the lock, so that it waits."""
    folder, end = str(state_dir / "clawfleet" / "locks"), time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        try:
            names = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue  # a file that it closed meanwhile
        if any(name.startswith(folder) for name in names):
            return
    raise AssertionError(f"process {pid} never came to the lock")
