"""What operators see of keys: rows of a probe, exit codes for scripts, and what becomes of runs when a key goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import AuthStore
from clawfleet.secrets.refs import SecretRef
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import connected
from tests.support.shell import Shell

FAR_FUTURE_MS = 4_000_000_000_000
FAILING = {
    "limited": "fail-429",
    "broke": "fail-402",
    "wrong": "fail-401",
    "closed": "fail-400",
    "unwell": "fail-500",
    "busy": "fail-529",
}


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    with openai_in_process() as running:
        yield running


def config(fake: FakeOpenAI) -> dict[str, Any]:
    row = {key: value for key, value in fake.provider("fake-1", "slow").items() if key != "apiKey"}
    return {"models": {"providers": {"lan": row}}, "agents": {"defaults": {"model": "lan/fake-1"}}}


def keep(gateway: GatewayProcess, *profiles: AuthProfile) -> None:
    """Keep credentials the way a command does."""

    async def put() -> None:
        db = await Database.open(gateway.state_dir / "clawfleet" / "gateway.sqlite", MIGRATIONS)
        for profile in profiles:
            await AuthStore(db).put(profile)
        await db.close()

    asyncio.run(put())


def stored(name: str, kind: Any = "api_key", **more: Any) -> AuthProfile:
    return AuthProfile(f"lan:{name}", "lan", kind, owner="main", **({"secret": name} | more))


def test_a_probe_says_of_each_key_how_it_stands(gateway: GatewayFactory, fake: FakeOpenAI) -> None:
    fake.keys(good={}, **{name: {"like": like} for name, like in FAILING.items()})
    running = gateway(config(fake))
    odd = [
        stored("old", "token", expires_at_ms=1),
        stored("odd", "token", expires_at_ms=-1),
        stored("gone", secret=None),
        stored("ref", secret=None, ref=SecretRef("env", "default", "NOT_SET_ANYWHERE")),
    ]
    keep(running, stored("good"), *(stored(name) for name in FAILING), *odd)
    shell = Shell(running, fake)
    document = shell.json("openclaw models status --probe --probe-concurrency 4 --json")
    rows = {row["label"].removeprefix("lan:"): row for row in document["auth"]["probes"]["results"]}
    assert {name: row["status"] for name, row in rows.items()} == {
        "good": "ok",
        "limited": "rate_limit",
        "broke": "billing",
        "wrong": "auth",
        "closed": "format",
        "unwell": "unknown",
        "busy": "rate_limit",
        **dict.fromkeys(("old", "odd", "gone", "ref"), "auth"),
    }
    assert {name: row["reasonCode"] for name, row in rows.items() if "reasonCode" in row} == {
        "old": "expired",
        "odd": "invalid_expires",
        "gone": "missing_credential",
        "ref": "unresolved_ref",
    }
    good = rows["good"]
    assert (good["model"], good["profileId"], good["source"], good["mode"]) == (
        "lan/fake-1",
        "lan:good",
        "profile",
        "api_key",
    )
    assert shell.type("openclaw models auth order set --provider lan lan:good")
    left_out = shell.type("openclaw models status --probe-profile lan:limited --probe-provider lan")
    assert "↳ Excluded by auth.order for this provider." in left_out.stdout


def test_the_check_tells_scripts_how_it_stands(gateway: GatewayFactory, fake: FakeOpenAI) -> None:
    far = {"baseUrl": "https://models.invalid/v1", "models": [{"id": "one"}]}
    running = gateway({"models": {"providers": {"far": far}}, "agents": {"defaults": {"model": "far/one"}}})
    shell, check = Shell(running, fake), "openclaw models status --check"
    paste = "openclaw models auth paste-token --provider far --profile-id far:t"
    shell.type(check, 1, "1. far/one cannot answer: no key: set FAR_API_KEY".replace("one ", "one  "))
    shell.type(f"{paste} --expires-in 2h", stdin="token-of-two-hours\n")
    shell.type(check, 2, "far:t expiring expires in 1h")
    shell.type("openclaw config set models.providers.far.apiKey key-of-the-config")
    keep(running, AuthProfile("far:t", "far", "token", "x", expires_at_ms=1, owner="main"))
    shell.type(check, 0, "far:t expired", "from models.providers.far.apiKey")
    shell.type("openclaw config unset models.providers.far.apiKey")
    shell.type(check, 1)
    shell.type(f"{paste} --expires-in 30d", stdin="token-of-a-month\n")
    shell.type(check, 0, "far:t ok expires in 29d")


def test_a_run_whose_key_goes_ends_with_what_it_has_said(gateway: GatewayFactory, fake: FakeOpenAI) -> None:
    running = gateway(config(fake))
    keep(running, stored("one", secret=fake.key))

    async def talk() -> None:
        async with connected(running.ws_url, running.token) as client:
            await client.call("sessions.patch", key="agent:main:main", model="lan/slow")
            run = await client.send_chat("one two three four five six seven eight nine ten " * 20)
            await client.wait(lambda f: f.get("event") == "chat" and "said: one" in json.dumps(f["payload"]))
            answer = await client.call("models.authLogout", provider="lan", profileIds=["lan:one"])
            assert answer == {"provider": "lan", "removedProfiles": ["lan:one"], "abortedRunIds": [run]}
            (end,) = [f["payload"] for f in client.of("chat") if f["payload"].get("state") == "aborted"]
            assert end["stopReason"] == "auth-revoked", "told before the answer"
            assert end["message"]["content"][0]["text"].startswith("You said: one")
            history = await client.call("chat.history", sessionKey="agent:main:main")
            assert "You said: one" in json.dumps(history), "what was said is kept"
            again = await client.ended(await client.send_chat("hello"))
            assert again["state"] == "error" and "Authentication failed" in again["errorMessage"]

    asyncio.run(talk())
