"""The requests that real clients were recorded with, sent to a gateway with a past like that of the recorded one.

`python -m tests.contract.replay` prints how this gateway's answers differ from the recorded shapes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayProcess
from tests.support.protocol_client import ProtocolClient, connected
from tests.support.record_shapes import SHAPES
from tests.support.shapes import ANY, differences

MAIN = "agent:main:main"
PAGE_LIST = {
    "includeGlobal": True, "includeUnknown": True, "configuredAgentsOnly": True, "limit": 200,
    "includeDerivedTitles": True, "includeLastMessage": True, "ownerFirst": True, "agentId": "main",
}  # fmt: skip
EVERY_HOUR = {"kind": "every", "everyMs": 3_600_000}
Request = tuple[str, dict[str, Any]]


@dataclass
class Heard:
    """What was answered: per method every response's payload or error."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    errors: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def unknown(self) -> set[str]:
        """The methods that the gateway does not have."""
        return {
            name
            for name, errors in self.errors.items()
            if any(e["message"].startswith("unknown method") for e in errors)
        }


def reads() -> Iterator[Request]:
    """What the command line and the page ask at start and on their pages, with their own parameters."""
    here = {"agentId": "main", "sessionKey": MAIN}
    yield from ((name, {}) for name in PLAIN)
    yield "health", {"probe": True}
    yield "status", {"includeChannelSummary": False, "includeCliProjection": True}
    yield "sessions.list", PAGE_LIST
    yield "sessions.list", {"limit": 1}
    yield "sessions.messages.subscribe", {"key": MAIN, "includeApprovals": True}
    yield "chat.startup", {"sessionKey": MAIN, "limit": 80, "maxBytes": 262144}
    yield "chat.history", {"sessionKey": MAIN, "limit": 2}
    yield "chat.metadata", here
    yield "agent.identity.get", {"agentId": "main"}
    yield "models.list", {"view": "configured", "includeDetails": True}
    yield "models.list", {"view": "default", "includeDetails": True}
    yield "models.authStatus", {"agentId": "main"}
    yield "artifacts.list", {**here, "type": "image", "limit": 4}
    yield "approval.history", {"limit": 50}
    yield "board.get", here
    yield "channels.status", {"probe": False, "timeoutMs": 8000}
    yield "config.schema.lookup", {"path": "logging"}
    yield "controlUi.sessionPullRequests.subscribe", {"sessionKeys": [MAIN]}
    yield "cron.list", {"includeDisabled": False, "limit": 200, "offset": 0}
    yield "cron.runs", {"scope": "all", "limit": 50, "offset": 0, "sortDir": "desc"}
    yield "diagnostics.stability", {"limit": 25}
    yield "doctor.memory.status", {"agentId": "main"}
    yield "environments.list", {"includeDesktopSetup": True}
    yield "logs.tail", {"limit": 200, "maxBytes": 250000}
    yield "plugin.surface.refresh", {"surface": "canvas", "observedUrl": "http://127.0.0.1:1/"}
    yield "plugins.catalog.browse", {"intent": "all", "pageSize": 100}
    yield "progressCard.get", {"sessionKey": MAIN}
    yield "session.discussion.info", here
    yield "session.members.listEvidence", here
    yield "sessions.branches.list", {"sessionKey": MAIN}
    yield "sessions.catalog.list", {"agentId": "main", "limitPerHost": 40, "allowPartialResults": True}
    yield "sessions.companion.state", here
    yield "sessions.describe", {"key": MAIN, "agentId": "main"}
    yield "sessions.github.options", here
    yield "sessions.observer.visibility", {"visible": True}
    yield "sessions.usage", {"startDate": "2026-01-01", "endDate": "2026-12-31", "limit": 1000, "mode": "utc"}
    yield "sessions.viewers.set", {"sessionKeys": [MAIN]}
    yield "sessions.preview", {"keys": [MAIN], "limit": 5}
    yield "sessions.resolve", {"key": MAIN}
    yield "sessions.get", {"key": MAIN}
    yield "skills.library.list", {"scope": "all"}
    yield "skills.search", {"limit": 20}
    yield "skills.status", {"agentId": "main"}
    yield "taskSuggestions.list", {"agentId": "main"}
    yield "tasks.list", {**here, "limit": 50}
    yield "tools.effective", here
    yield "tools.catalog", {"agentId": "main"}
    yield "tools.github.status", {"agentId": "main", "selectedScope": "system"}
    yield "usage.cost", {"days": 30}
    yield "users.listModelAccounts", {"profileId": "gateway-owner"}
    yield "users.prefs.get", {"keys": ["one"]}
    yield "agents.files.list", {"agentId": "main"}
    yield "agents.files.get", {"agentId": "main", "name": "SOUL.md"}
    yield "commands.list", {"agentId": "main"}
    yield "send", {"to": "123", "message": "hello", "idempotencyKey": "replay-nowhere"}
    yield "send", {"to": "123", "message": "hello", "channel": "telegram", "idempotencyKey": "replay-telegram"}
    yield "message.action", {"channel": "telegram", "action": "send", "params": {"to": "123", "message": "hi"},
                             "idempotencyKey": "replay-action"}  # fmt: skip
    yield "node.event", {"event": "host.stats", "payloadJSON": "{}"}
    yield "node.pluginTools.update", {"tools": []}
    yield "node.skills.update", {"skills": []}
    yield "node.runnerInventory.update", {"protocolFeatures": [], "workerHost": {"enabled": False}}
    yield "skills.bins", {}


PLAIN = (
    "health", "status", "system-presence", "last-heartbeat", "sessions.subscribe", "sessions.list", "config.get",
    "config.schema", "update.status", "plugins.controlUi.list", "agents.list", "exec.approval.list",
    "plugin.approval.list", "openclaw.approval.list", "question.list", "agent.identity.get", "models.list",
    "projects.list", "talk.catalog", "talk.config", "sessions.groups.list", "sessions.groups.defaults", "plugins.list",
    "mentions.list", "system.info", "cron.list", "cron.status", "node.list", "node.pair.list", "device.pair.list",
    "exec.approvals.get", "exec.approval.grants.list", "channels.pairing.list", "channels.status", "diagnostics.lanes",
    "secrets.store.list", "themes.list", "users.github.status", "users.self", "users.list", "usage.status",
    "voicewake.get", "tasks.list", "gateway.identity.get", "gateway.restart.preflight", "audit.list", "tts.status",
)  # fmt: skip


async def writes(client: ProtocolClient, heard: Heard) -> None:
    """What changes something, each with what it needs from the answer before."""

    async def ask(method: str, **params: Any) -> Any:
        return await heard_of(client, heard, method, params)

    await ask("users.prefs.set", entries={"a": True}, expectedEntries={"a": None})
    await ask("sessions.patch", key=MAIN, unread=False, expectedMarkedUnreadAt=None)
    await ask("sessions.patch", key=MAIN, label="Renamed")
    await ask("system-event", text="hello")
    await ask("wake", text="hello", mode="now")
    await ask("set-heartbeats", enabled=True)
    await ask("tools.invoke", name="nope")
    await ask("chat.inject", sessionKey=MAIN, message="A note.", label="note")
    await _sessions(ask)
    await _cron(ask)
    await _agents(ask)
    await _approvals(ask)
    await _config(ask)


async def _sessions(ask: Any) -> None:
    made = await ask("sessions.create", agentId="main", label="Another", model="fake/fake-1")
    key = made["key"] if made else MAIN
    sent = await ask("sessions.send", key=key, message="hi", idempotencyKey="replay-send")
    if sent:
        await ask("agent.wait", runId=sent["runId"], timeoutMs=10_000)
    await ask("agent.wait", runId="nobody", timeoutMs=10)
    await ask("sessions.abort", key=key)
    await ask("chat.abort", sessionKey=key)
    await ask("sessions.compact", key=key)
    await ask("sessions.reset", key=key)
    await ask("sessions.delete", key=key, deleteTranscript=True)
    await ask("sessions.messages.unsubscribe", key=MAIN)


async def _cron(ask: Any) -> None:
    turn = {"kind": "agentTurn", "message": "hi"}
    made = await ask("cron.add", name="hourly", schedule=EVERY_HOUR, sessionTarget="isolated", wakeMode="now",
                     payload=turn, delivery={"mode": "none"})  # fmt: skip
    job = made["id"] if made else "nope"
    await ask("cron.get", id=job)
    await ask("cron.update", id=job, patch={"enabled": False})
    await ask("cron.run", id=job)
    await ask("cron.remove", id=job)


async def _agents(ask: Any) -> None:
    made = await ask("agents.create", name="Helper", workspace="~/helper")
    agent = made["agentId"] if made else "helper"
    await ask("agents.update", agentId=agent, name="Help")
    await ask("agents.files.set", agentId=agent, name="SOUL.md", content="Be kind.")
    await ask("agents.delete", agentId=agent, deleteFiles=True)


async def _approvals(ask: Any) -> None:
    now = await ask("exec.approvals.get")
    if now:
        await ask("exec.approvals.set", file=now["file"], baseHash=now["hash"])
    made = await ask("exec.approval.request", command="ls -la", cwd="/w", host="gateway", security="allowlist",
                     ask="always", agentId="main", sessionKey=MAIN, timeoutMs=3000, twoPhase=True)  # fmt: skip
    name = made["id"] if made else "nope"
    await ask("exec.approval.get", id=name)
    await ask("exec.approval.resolve", id=name, decision="deny")
    await ask("approval.get", id=name)
    await ask("exec.approval.waitDecision", id=name)
    await ask("approval.history", limit=50)


async def _config(ask: Any) -> None:
    now = await ask("config.get")
    patched = await ask("config.patch", raw="{ logging: { level: 'debug' } }", baseHash=now["hash"])
    if patched:
        text = json.dumps(patched["config"])
        stored = await ask("config.set", raw=text, baseHash=patched["hash"])
        if stored:
            await ask("config.apply", raw=text, baseHash=stored["hash"])


async def heard_of(client: ProtocolClient, heard: Heard, method: str, params: dict[str, Any]) -> Any:
    """Ask, note the answer; the payload, or None when it was refused."""
    frame = await client.request(method, params)
    if frame["ok"]:
        heard.answers.setdefault(method, []).append(frame["payload"])
        return frame["payload"]
    heard.errors.setdefault(method, []).append(frame["error"])
    return None


async def turn_with_tool(client: ProtocolClient, fake: FakeOpenAI) -> None:
    """A turn whose model calls `exec` once."""
    fake.script({"tool": "exec", "arguments": json.dumps({"command": "echo hi"})}, {"text": "done as you said"})
    await client.ended(await client.send_chat("please", key=MAIN))


async def _replay(gateway: GatewayProcess, fake: FakeOpenAI, heard: Heard) -> None:
    caps = ["tool-events", "exec-approvals"]
    async with (
        connected(gateway.ws_url, gateway.token, caps=caps) as client,
        connected(gateway.ws_url, gateway.token, caps=caps),  # somebody who could approve
    ):
        await client.ended(await client.send_chat("hello", key=MAIN))
        await turn_with_tool(client, fake)
        ask = {"agentId": "main", "message": "hi", "idempotencyKey": "replay-agent", "deliver": False, "timeout": 600}
        first = await client.request("agent", ask, request_id="agent")
        last = await client.wait(lambda f: f.get("id") == "agent" and (f.get("payload") or {}).get("result"))
        heard.answers["agent"] = [first["payload"], last["payload"]]
        send = {"sessionKey": MAIN, "message": "again", "deliver": False, "idempotencyKey": "replay-send-chat"}
        await heard_of(client, heard, "chat.send", send)
        await client.ended("replay-send-chat")
        for method, params in reads():
            await heard_of(client, heard, method, params)
        await writes(client, heard)


def configured(fake: FakeOpenAI) -> dict[str, Any]:
    """The config of the recorded gateway, as far as it tells in the answers."""
    return {
        "models": {"providers": {"fake": fake.provider("fake-1", "fake-2")}},
        "agents": {"entries": {"main": {"model": "fake/fake-1"}}},
        "tools": {"exec": {"host": "gateway", "security": "full", "ask": "off"}},
    }


@contextmanager
def replayed(home: Path) -> Iterator[Heard]:
    """All answers of one gateway to all requests."""
    heard = Heard()
    with openai_in_process() as fake:
        gateway = GatewayProcess(home, configured(fake))
        try:
            asyncio.run(_replay(gateway.start(), fake, heard))
            yield heard
        finally:
            gateway.kill()


def main() -> None:
    """Print, per recorded method, how this gateway's answer differs from the recorded shape."""
    shapes: dict[str, Any] = json.loads((SHAPES / "methods.json").read_text(encoding="utf-8"))
    with TemporaryDirectory() as folder, replayed(Path(folder)) as heard:
        for method, line in shapes.items():
            client = "*" if line["clients"] else " "
            print(client, method, told(heard, method, line) or "as recorded")


def told(heard: Heard, method: str, line: Mapping[str, Any]) -> list[str]:
    """What is different about a method: `not offered`, `refused <code>`, or what `differences` says of its answers."""
    if method in heard.unknown:
        return ["not offered"]
    answers, errors = heard.answers.get(method, []), heard.errors.get(method, [])
    found = {text for answer in answers for text in differences(line.get("answer", ANY), answer)}
    found |= {f"refused {error['code']}" for error in errors if error["code"] not in line.get("errors", ())}
    return sorted(found) if answers or errors else ["never asked"]


if __name__ == "__main__":
    main()
