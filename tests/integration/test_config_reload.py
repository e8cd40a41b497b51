"""A config that clients change while the gateway runs: what was written holds, and nothing that runs is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.telegram.updates import private_text, user
from tests.integration.conftest import agents_of_fake
from tests.support.fake_openai import FakeOpenAI
from tests.support.fake_telegram import TelegramControl
from tests.support.gateway import GatewayFactory, GatewayProcess, free_port
from tests.support.protocol_client import ProtocolClient, connected

SLOW = "agent:slow:main"
WORDS = " ".join(f"word{number}" for number in range(8))


async def patch(client: ProtocolClient, change: Any, **over: Any) -> Any:
    """Patch with the hash of this moment."""
    known = (await client.call("config.get"))["hash"]
    return await client.call("config.patch", raw=json.dumps(change), baseHash=known, **over)


async def begun(client: ProtocolClient, run: str) -> None:
    await client.wait(
        lambda f: f.get("event") == "chat" and f["payload"].get("runId") == run and "deltaText" in f["payload"]
    )


def text_of(end: Any) -> str:
    text: str = end["message"]["content"][0]["text"]
    return text


async def test_an_agents_model_is_changed_while_it_talks(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    running = gateway(agents_of_fake(fake_openai))
    async with connected(running.ws_url, running.token) as client:
        run = await client.send_chat(WORDS, key=SLOW)
        await begun(client, run)
        done = await patch(client, {"agents": {"entries": {"slow": {"model": "demo/echo"}}}})
        assert done["changedPaths"] == ["agents.entries.slow.model"]
        assert done["sentinel"]["payload"]["stats"]["requiresRestart"] is False
        await client.wait(lambda frame: frame.get("event") == "config.changed")
        assert WORDS in text_of(await client.ended(run))  # by the model that it began with
        again = await client.send_chat("hello", key=SLOW)
        await client.ended(again)
        page = await client.call("chat.history", sessionKey=SLOW)
    models = [row.get("model") for row in page["messages"] if row["role"] == "assistant"]
    assert models == ["slow", "echo"]


async def test_many_reloads_during_many_chats_lose_nothing(gateway: GatewayFactory, fake_openai: FakeOpenAI) -> None:
    running = gateway(agents_of_fake(fake_openai))
    async with connected(running.ws_url, running.token) as client, connected(running.ws_url, running.token) as editor:
        reloads = 0

        async def keep_changing() -> None:
            nonlocal reloads
            while reloads < 40:
                shown = await editor.call("config.get")
                tree = shown["sourceConfig"] | {
                    "tools": {"exec": {"timeoutSeconds": 100 + reloads}},
                    "session": {"dmScope": ("main", "per-peer")[reloads % 2]},
                }
                await editor.call("config.set", raw=json.dumps(tree), baseHash=shown["hash"])
                reloads += 1

        answered = dict.fromkeys(range(6), 0)

        async def keep_talking(number: int) -> None:
            while reloads < 40:
                text = f"hello {number} {answered[number]}"
                run = await client.send_chat(text, key=f"agent:main:talk-{number}")
                end = await client.ended(run)
                assert end["state"] == "final", end
                assert text in text_of(end)
                answered[number] += 1

        await asyncio.gather(keep_changing(), *(keep_talking(number) for number in answered))
        for number, count in answered.items():
            page = await client.call("chat.history", sessionKey=f"agent:main:talk-{number}", limit=1000)
            assert len(page["messages"]) == 2 * count > 0
    assert running.log_file.read_text().count("config hot reload applied") == 40
    assert "Traceback" not in running.log()


async def test_an_agent_is_made_talked_to_and_removed(gateway: GatewayFactory) -> None:
    running = gateway()
    async with connected(running.ws_url, running.token) as client:
        made = await client.call("agents.create", name="Helper", model="demo/echo")
        run = await client.send_chat("hello you", key="agent:helper:main")
        assert "hello you" in text_of(await client.ended(run))
        assert (await client.call("agents.delete", agentId="helper"))["removed"] == [
            {"path": made["workspace"], "method": "trash"}
        ]
        late = await client.request(
            "chat.send", {"sessionKey": "agent:helper:main", "message": "x", "idempotencyKey": "late"}
        )
        assert 'unknown agent id "helper"' in late["error"]["message"]


async def test_another_secret_hangs_up_who_showed_the_old_one(gateway: GatewayFactory) -> None:
    running = gateway()
    async with connected(running.ws_url, running.token) as client, connected(running.ws_url, running.token) as other:
        done = await patch(client, {"gateway": {"auth": {"token": "another-token-of-the-gateway"}}})
        assert "another-token" not in json.dumps(done)
        for socket in (client, other):
            assert await socket.closed() == (4001, "gateway auth changed")
    with pytest.raises(AssertionError, match="AUTH_TOKEN_MISMATCH"):
        async with connected(running.ws_url, running.token):
            pass
    async with connected(running.ws_url, "another-token-of-the-gateway") as client:
        assert (await client.call("health"))["ok"]
    assert "another-token" not in running.log_file.read_text()
    assert "another-token" not in running.log()


@pytest.fixture
def by_config(tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway whose port is the config's."""
    port = free_port()
    process = GatewayProcess(
        tmp_path, {"gateway": {"port": port}}, env={"HOME": str(tmp_path), "CLAWFLEET_DEMO_WORD_DELAY_MS": "20"}
    )
    process.port = port
    try:
        yield process.start(by_flag=False)
    finally:
        process.kill()


async def test_another_port_is_taken_up_by_a_restart_in_the_same_process(by_config: GatewayProcess) -> None:
    new, pid = free_port(), by_config.process.pid
    async with connected(by_config.ws_url, by_config.token) as client:
        run = await client.send_chat("before the move")
        done = await patch(client, {"gateway": {"port": new}}, restartDelayMs=0)
        assert done["sentinel"]["payload"]["stats"]["requiresRestart"] is True
        shutdown = await client.wait(lambda frame: frame.get("event") == "shutdown")
        assert shutdown["payload"] == {"reason": "gateway restarting", "restartExpectedMs": 1500}
        assert "before the move" in text_of(await client.ended(run))
        assert await client.closed() == (1012, "service restart")
    old, by_config.port = by_config.port, new
    await asyncio.to_thread(by_config.wait_ready)
    async with connected(by_config.ws_url, by_config.token) as client:
        page = await client.call("chat.history", sessionKey="main")
        assert [row["role"] for row in page["messages"]] == ["user", "assistant"]
        shown = await client.call("config.get")
        assert shown["configRevisionHash"] == shown["appliedConfigHash"]
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection("127.0.0.1", old)
    assert by_config.process.pid == pid
    assert by_config.process.poll() is None
    assert await asyncio.to_thread(by_config.stop) == 0


async def test_a_restart_on_the_same_port_refuses_nobody(by_config: GatewayProcess) -> None:
    async with connected(by_config.ws_url, by_config.token) as client:
        await patch(client, {"gateway": {"controlUi": {"basePath": "/ui"}}}, restartDelayMs=0)
        assert await client.closed() == (1012, "service restart")
    for _ in range(20):  # some while it is down, some after: none is refused
        async with connected(by_config.ws_url, by_config.token) as client:
            assert (await client.call("health"))["ok"]


async def test_it_starts_anew_on_request_after_the_turns_that_run(by_config: GatewayProcess) -> None:
    async with connected(by_config.ws_url, by_config.token) as client:
        before = await client.call("health")
        run = await client.send_chat("before the restart")
        answer = await client.call("gateway.restart.request", reason="for a test")
        assert answer["restart"]["pid"] == by_config.process.pid
        assert "before the restart" in text_of(await client.ended(run))
        assert await client.closed() == (1012, "service restart")
    async with connected(by_config.ws_url, by_config.token) as client:
        assert (await client.call("health"))["sessions"]["count"] == before["sessions"]["count"] + 1


async def test_what_cannot_run_is_refused_and_everything_goes_on(by_config: GatewayProcess) -> None:
    text = by_config.config_path.read_text()
    async with connected(by_config.ws_url, by_config.token) as client:
        known = (await client.call("config.get"))["hash"]
        for raw, base in (
            ("{nosuch: 1}", known),
            ("{ bad json", known),
            ("{gateway: {bind: 'lan', auth: {mode: 'none', token: null}}}", known),
            ("{logging: {level: 'debug'}}", "stale"),
        ):
            answer = await client.request("config.patch", {"raw": raw, "baseHash": base})
            assert answer["ok"] is False, raw
            assert answer["error"]["code"] == "INVALID_REQUEST", answer
        run = await client.send_chat("still here")
        assert "still here" in text_of(await client.ended(run))
    assert by_config.config_path.read_text() == text


async def test_a_channel_is_connected_and_let_go_of_while_the_gateway_runs(
    gateway: GatewayFactory, fake_telegram: TelegramControl
) -> None:
    running = gateway(env={"CLAWFLEET_DEMO_WORD_DELAY_MS": "0"})
    async with connected(running.ws_url, running.token) as client:
        channel = fake_telegram.channel(dmPolicy="open", allowFrom=["*"])
        done = await patch(client, {"channels": {"telegram": channel}})
        assert done["changedPaths"] == ["channels"]
        assert channel["botToken"] not in json.dumps(done)
        await asyncio.to_thread(fake_telegram.inject, private_text("are you there?", user(42, "al")))
        (reply,) = await asyncio.to_thread(lambda: fake_telegram.sent(at_least=1))
        assert "are you there?" in reply["text"]
        await patch(client, {"channels": {"telegram": {"enabled": False}}})
        status = await client.call("channels.status")
        (row,) = status["channelAccounts"]["telegram"]
        assert (row["enabled"], row["running"]) == (False, False)
        await patch(client, {"channels": None})
        assert (await client.call("channels.status"))["channelOrder"] == []
    assert channel["botToken"] not in running.log() + running.log_file.read_text()


async def logged(gateway: GatewayProcess, text: str, *, times: int = 1) -> None:
    """Return when the log says so."""
    async with asyncio.timeout(60):
        while gateway.log_file.read_text().count(text) < times:
            await asyncio.sleep(0.05)


def save_by_rename(file: Path, text: str) -> None:
    """As editors save."""
    fresh = file.with_name(".openclaw.json.swp")
    fresh.write_text(text)
    fresh.replace(file)


async def test_edits_of_the_file_are_taken_up_as_they_are_saved(by_config: GatewayProcess) -> None:
    """A rename, a broken text, an included file, a change that needs a restart: each as the log says."""
    config = json.loads(by_config.config_path.read_text())
    pid = by_config.process.pid
    save_by_rename(by_config.config_path, json.dumps(config | {"tools": {"exec": {"timeoutSeconds": 60}}}))
    await logged(by_config, "config plan: tools.exec.timeoutSeconds: 1800 → 60 (hot)")
    await logged(by_config, "config hot reload applied (tools.exec.timeoutSeconds)")
    save_by_rename(by_config.config_path, json.dumps(config | {"foo": 1}))
    await logged(by_config, r"config reload skipped (invalid config): <root>: Unrecognized key: \"foo\"")
    more = by_config.config_path.with_name("more.json5")
    save_by_rename(more, "{ dmScope: 'per-peer' } // mine")
    config |= {"session": {"$include": "./more.json5"}, "tools": {"exec": {"timeoutSeconds": 60}}}
    save_by_rename(by_config.config_path, json.dumps(config))
    await logged(by_config, "config hot reload applied (session.dmScope)")
    save_by_rename(more, "{ dmScope: 'main' }")
    await logged(by_config, "config hot reload applied (session.dmScope)", times=2)
    async with connected(by_config.ws_url, by_config.token) as client:
        run = await client.send_chat("before the restart " + WORDS)
        await begun(client, run)
        config["gateway"]["controlUi"] = {"basePath": "/ui"}
        save_by_rename(by_config.config_path, json.dumps(config))
        await client.wait(lambda frame: frame.get("event") == "shutdown")
        assert "before the restart" in text_of(await client.ended(run))
        assert await client.closed() == (1012, "service restart")
    await logged(by_config, "config change requires gateway restart (gateway.controlUi.basePath) — preparing")
    await asyncio.to_thread(by_config.wait_ready)
    async with connected(by_config.ws_url, by_config.token) as client:
        shown = await client.call("config.get")
        assert shown["configRevisionHash"] == shown["appliedConfigHash"]
    assert by_config.process.pid == pid
    assert "Traceback" not in by_config.log()
    kept = by_config.config_path.with_name("openclaw.json.last-good")
    async with asyncio.timeout(30):  # kept once it serves
        while kept.read_text() != by_config.config_path.read_text():
            await asyncio.sleep(0.05)


async def edits_under_load(gateway: GatewayProcess, *, reloads: int, chats: int) -> tuple[int, int]:
    """Edit the file so often while at least so many chats are held; memory in kB after a fifth and at the end.

    Every edit sets three keys to one number. A snapshot with two numbers in it would be half a config.
    """
    config = json.loads(gateway.config_path.read_text())
    edited, memory = 0, list[int]()

    def save(number: int) -> None:
        entries = {"main": {"name": f"n{number}"}, "other": {"name": f"n{number}"}}
        save_by_rename(
            gateway.config_path,
            json.dumps(config | {"agents": {"entries": entries}, "tools": {"exec": {"timeoutSeconds": 1000 + number}}}),
        )

    async with connected(gateway.ws_url, gateway.token) as client, connected(gateway.ws_url, gateway.token) as other:

        async def keep_editing() -> None:
            nonlocal edited
            while edited < reloads:
                heard = len(other.frames)
                await asyncio.to_thread(save, edited + 1)
                edited += 1
                await other.wait(lambda frame: frame.get("event") == "config.changed", since=heard)
                shown = (await other.call("config.get"))["runtimeConfig"]
                numbers = {f"n{shown['tools']['exec']['timeoutSeconds'] - 1000}"}
                numbers |= {entry["name"] for entry in shown["agents"]["entries"].values()}
                assert numbers == {f"n{edited}"}
                if edited in (reloads // 5, reloads):
                    memory.append(await asyncio.to_thread(rss_kb, gateway.process.pid))

        held = dict.fromkeys(range(10), 0)

        async def keep_talking(talker: int) -> None:
            while edited < reloads or held[talker] < chats // len(held):
                text = f"hello {talker} {held[talker]}"
                heard = len(client.frames)
                run = await client.send_chat(text, key=f"agent:main:talk-{talker}")
                end = await client.ended(run, since=heard, limit_s=60)
                assert end["state"] == "final", end
                assert text in text_of(end)
                held[talker] += 1

        await asyncio.gather(keep_editing(), *(keep_talking(talker) for talker in held))
        for talker, count in held.items():
            page = await client.call("chat.history", sessionKey=f"agent:main:talk-{talker}", limit=1000)
            assert len(page["messages"]) == 2 * count
    assert gateway.log_file.read_text().count("config hot reload applied") == reloads
    assert "Traceback" not in gateway.log() + gateway.log_file.read_text()
    return memory[0], memory[-1]


def rss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


QUICK = {"gateway": {"reload": {"debounceMs": 20}}}


async def test_edits_of_the_file_during_chats_lose_nothing(gateway: GatewayFactory) -> None:
    running = gateway(QUICK, env={"CLAWFLEET_DEMO_WORD_DELAY_MS": "5"})
    await edits_under_load(running, reloads=10, chats=60)


@pytest.mark.full
async def test_two_hundred_reloads_during_five_hundred_chats(gateway: GatewayFactory) -> None:
    """No chat is lost, no snapshot is half applied, and memory stays flat."""
    running = gateway(QUICK, env={"CLAWFLEET_DEMO_WORD_DELAY_MS": "40"})
    early, late = await edits_under_load(running, reloads=200, chats=500)
    assert late < early * 1.15 + 4096, f"from {early} to {late} kB"
