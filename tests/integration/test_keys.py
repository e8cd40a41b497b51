"""Several keys and models, with a real gateway before the fake: users see answers, operators the story."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import AuthStore
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.fakes.openai.app import fingerprint
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import connected

MAIN = "agent:main:main"


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    with openai_in_process() as running:
        yield running


def config(fake: FakeOpenAI, *, fallbacks: list[str] | None = None, key: str | None = None) -> dict[str, Any]:
    row = {**fake.provider("fake-1"), "apiKey": key}
    if key is None:
        del row["apiKey"]
    other = fake.provider("fake-1")
    model = {"primary": "lan/fake-1", **({"fallbacks": fallbacks} if fallbacks else {})}
    return {"models": {"providers": {"lan": row, "spare": other}}, "agents": {"defaults": {"model": model}}}


def store(gateway: GatewayProcess, *keys: str) -> None:
    """Keep a profile `lan:<key>` for each key, the way a command does: in the file, beside whoever runs."""

    async def put() -> None:
        db = await Database.open(gateway.state_dir / "clawfleet" / "gateway.sqlite", MIGRATIONS)
        for key in keys:
            await AuthStore(db).put(AuthProfile(f"lan:{key}", "lan", "api_key", key, owner="main"))
        await db.close()

    asyncio.run(put())


def command(gateway: GatewayProcess, *words: str, stdin: str = "") -> str:
    """What `openclaw <words>` prints, for the instance of `gateway`."""
    done = subprocess.run(
        [sys.executable, "-m", "clawfleet", *words],
        env=gateway.env | {"OPENCLAW_GATEWAY_PORT": str(gateway.port)},
        cwd=gateway.home,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def asked_with(fake: FakeOpenAI, *keys: str) -> list[str]:
    """The names of the keys that were used, in order."""
    names = {fingerprint(key): key for key in (*keys, fake.key)}
    return [names[row["auth"]] for row in fake.requests()]


async def said(gateway: GatewayProcess, text: str = "hello", key: str = MAIN) -> dict[str, Any]:
    async with connected(gateway.ws_url, gateway.token) as client:
        end: dict[str, Any] = await client.ended(await client.send_chat(text, key=key))
        return end


def test_three_keys_of_which_one_is_limited_and_one_is_broke_answer_without_an_error(
    gateway: GatewayFactory, fake: FakeOpenAI
) -> None:
    fake.keys(k1={"like": "fail-429"}, k2={"like": "fail-402"}, k3={})
    running = gateway(config(fake) | {"auth": {"order": {"lan": ["lan:k1", "lan:k2", "lan:k3"]}}})
    store(running, "k1", "k2", "k3")
    for _ in range(2):
        end = asyncio.run(said(running))
        assert end["state"] == "final", end
    assert asked_with(fake, "k1", "k2", "k3") == ["k1", "k2", "k3", "k3"]

    shown = json.loads(command(running, "models", "status", "--json"))["auth"]["profiles"]
    told = {row["profileId"]: row for row in shown}
    reasons = [told[name]["restingReason"] for name in ("lan:k1", "lan:k2", "lan:k3")]
    assert reasons == ["rate_limit", "billing", None]
    assert "- lan:k2: billing until 20" in command(running, "models", "status")

    running.stop()
    running.start()
    assert asyncio.run(said(running))["state"] == "final"
    assert asked_with(fake, "k1", "k2", "k3")[4:] == ["k3"]


def test_a_key_that_is_pasted_serves_the_running_gateway_and_a_probe_tells_which_work(
    gateway: GatewayFactory, fake: FakeOpenAI
) -> None:
    fake.keys(**{"sk-pasted-0123456789": {}, "sk-broke-0123456789": {"like": "fail-402"}})
    running = gateway(config(fake, key="sk-broke-0123456789"))
    assert asyncio.run(said(running))["state"] == "error"
    told = command(running, "models", "auth", "paste-api-key", "--provider", "lan", stdin="sk-pasted-0123456789\n")
    assert told == "Auth profile: lan:manual (lan/api_key)\n"
    assert asyncio.run(said(running))["state"] == "final"
    shown = command(running, "models", "status", "--probe")
    rows = {line.split()[1]: line.split()[2] for line in shown.splitlines() if line.startswith("lan/fake-1 ")}
    assert rows == {"lan:manual": "ok", "models.providers.lan.apiKey": "billing"}
    assert "0123456789" not in shown and "effective=profiles:lan:manual" in shown


def test_the_pin_of_a_session_serves_it(gateway: GatewayFactory, fake: FakeOpenAI) -> None:
    fake.keys(k1={}, k2={})
    running = gateway(config(fake))
    store(running, "k1", "k2")
    chosen = asyncio.run(said(running, "/model lan/fake-1@lan:k2"))
    assert "Auth profile set to lan:k2." in chosen["message"]["content"][0]["text"]
    for _ in range(2):
        assert asyncio.run(said(running))["state"] == "final"
    assert asked_with(fake, "k1", "k2") == ["k2", "k2"]
    assert "not found" in asyncio.run(said(running, "/model lan/fake-1@lan:gone"))["message"]["content"][0]["text"]


def test_the_keys_of_the_environment_take_turns_at_rate_limits_only(gateway: GatewayFactory, fake: FakeOpenAI) -> None:
    fake.keys(a={"like": "fail-429"}, b={"like": "fail-429"}, c={"like": "fail-429"}, d={})
    running = gateway(config(fake), env={"LAN_API_KEYS": "a,b c;d"})
    assert asyncio.run(said(running))["state"] == "final"
    assert asked_with(fake, *"abcd") == ["a", "b", "c", "d"]


def test_a_wrong_key_does_not_rotate(gateway: GatewayFactory, fake: FakeOpenAI) -> None:
    running = gateway(config(fake), env={"LAN_API_KEYS": f"wrong {fake.key}"})
    end = asyncio.run(said(running))
    assert end["state"] == "error" and "Authentication failed" in end["errorMessage"]
    assert asked_with(fake, "wrong") == ["wrong"]


def test_another_provider_answers_and_when_none_does_the_chain_is_told(
    gateway: GatewayFactory, fake: FakeOpenAI
) -> None:
    fake.keys(broke={"like": "fail-402"})
    running = gateway(config(fake, fallbacks=["spare/fake-1"], key="broke"))
    end = asyncio.run(said(running))
    assert end["state"] == "final"
    fake.reset()
    fake.keys(broke={"like": "fail-402"})
    fake.script({"like": "fail-500"}, {"like": "fail-500"})
    end = asyncio.run(said(running, key="agent:main:other"))
    assert end["state"] == "error" and "The provider returned HTTP 500" in end["errorMessage"]
    assert "Tried: lan/fake-1" in end["errorMessage"] and "billing" in end["errorMessage"]
    assert "reason=billing next=spare/fake-1" in Path(running.log_file).read_text()
    assert '"broke"' not in json.dumps(end)


def test_no_key_stands_in_the_log_or_in_the_store_in_other_words(gateway: GatewayFactory, fake: FakeOpenAI) -> None:
    fake.keys(**{"sk-very-secret-1": {"like": "fail-429"}, "sk-very-secret-2": {}})
    running = gateway(config(fake), env={"LAN_API_KEYS": "sk-very-secret-1 sk-very-secret-2"})
    assert asyncio.run(said(running))["state"] == "final"
    running.stop()
    assert "sk-very-secret" not in running.log() + running.log_file.read_text()
    with sqlite3.connect(running.state_dir / "clawfleet" / "gateway.sqlite") as file:
        assert "sk-very-secret" not in "\n".join(file.iterdump())
    file.close()
