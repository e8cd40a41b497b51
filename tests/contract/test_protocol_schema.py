"""What this gateway says and takes is what the published schema of the protocol has.

The schema is that of 2026.9.1; today's gateways and clients say more (protocol §18.1): see `tests.support.published`.
"""

from __future__ import annotations

import asyncio
import re
import typing
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from clawfleet import rpc
from clawfleet.core.errors import RequestError
from clawfleet.models.providers import failures
from clawfleet.models.providers.base import TextDelta
from clawfleet.models.providers.classify import Reason, Verdict
from clawfleet.models.providers.failures import Site
from clawfleet.protocol.handshake import ConnectParams
from clawfleet.rpc.registry import Method, Result, collect
from clawfleet.server import pulse
from tests.support.device import DeviceKey
from tests.support.protocol_client import ProtocolClient
from tests.support.published import Judge, exceptions, params_of, recordings
from tests.unit.agents.fakes import Step, call, say
from tests.unit.rpc.house import until
from tests.unit.server.served import Served, serve

pytestmark = pytest.mark.npm

METHODS = collect(rpc)
PAGE = {"id": "openclaw-control-ui", "version": "1", "platform": "Linux", "mode": "webchat", "displayName": "Web"}
CONFIG = {
    "agents": {"entries": {"main": {"name": "Main"}, "ops": {}}},
    "models": {
        "providers": {
            "fake": {
                "baseUrl": "http://127.0.0.1:9/v1",
                "apiKey": "k",
                "models": [{"id": "one", "input": ["text", "image"], "reasoning": True}],
            },
            "far": {"baseUrl": "https://models.example.com/v1", "models": [{"id": "keyless"}]},
        }
    },
    "channels": {"telegram": {"botToken": "12345:abcdefghijklmnopqrstuvwxyz0123456789"}},
}


SCOPE_CHANGED = ("users.self",)
"""Methods that today ask for another scope than the schema says (protocol §15)."""


@asynccontextmanager
async def speaking(home: Path, *steps: Step) -> AsyncIterator[tuple[Served, ProtocolClient]]:
    async with serve(home, CONFIG, steps=list(steps)) as served, served.connect(caps=["tool-events"]) as client:
        yield served, client


def frames_fit(judge: Judge, client: ProtocolClient) -> None:
    """Every frame that came is an event or a response of the schema."""
    for frame in client.frames:
        judge.check("EventFrame" if frame["type"] == "event" else "ResponseFrame", frame)


@pytest.mark.parametrize("scopes", [["operator.admin"], ["operator.read"], []])
async def test_hello_and_its_snapshot(judge: Judge, tmp_path: Path, scopes: list[str]) -> None:
    async with serve(tmp_path, CONFIG) as served, served.open(origin=served.url) as client:
        hello = (await client.connect("house-token", client=PAGE, scopes=scopes, key=DeviceKey()))["payload"]
        frames_fit(judge, client)
    judge.check("HelloOk", hello)
    judge.check("Snapshot", hello["snapshot"] | {"health": {}})  # which is judged as part of hello-ok
    for row in hello["snapshot"]["presence"]:
        judge.check("PresenceEntry", row)


def provider(reason: Reason, status: int) -> failures.CallFailed:
    return failures.failure_of(Verdict(reason, status, 7.0, "x" * 1000), Site("fake", "one", "http://127.0.0.1:9/v1"))


STEPS: dict[str, list[Step]] = {
    "final": [say("hello you")],
    "tool": [call("exec", '{"command": "echo hi"}', before="Let me see."), say("done")],
    "unknown tool": [call("nothing"), say("done")],
    "aborted": [[TextDelta("half"), asyncio.Event()]],
    "aborted before a word": [[asyncio.Event()]],
    "rate limited": [[provider("rate_limit", 429)]],
    "overflow": [[provider("context_overflow", 400)]],
    "refused": [[provider("refusal", 200)]],
    "timed out": [[failures.timed_out(Site("fake", "one", "http://x/v1"), "idle", 3)]],
    "a bug": [[ValueError("inner workings")]],
    "not a provider's": [[RequestError("that makes no sense")]],
}


@pytest.mark.parametrize("name", STEPS)
async def test_events_of_a_turn(judge: Judge, tmp_path: Path, name: str) -> None:
    async with speaking(tmp_path, *STEPS[name]) as (served, client):
        run = await client.send_chat("go")
        if name.startswith("aborted"):
            await until(lambda: served.house.gateway.runs.live()[0].spoken)
            await client.call("chat.abort", sessionKey="main", runId=run)
        end = await client.ended(run)
        frames_fit(judge, client)
        chat, agent = client.of_run(run, "chat"), client.of_run(run, "agent")
    definitions = {"status": "ChatStatusEvent", "delta": "ChatDeltaEvent", "final": "ChatFinalEvent",
                   "aborted": "ChatAbortedEvent", "error": "ChatErrorEvent"}  # fmt: skip
    for payload in chat:
        judge.check(definitions[payload["state"]], payload)
        judge.check("ChatEvent", payload)
    for payload in agent:
        judge.check("AgentEvent", payload)
    assert end["state"] == {"final": "final", "tool": "final", "unknown tool": "final"}.get(
        name, "aborted" if name.startswith("aborted") else "error"
    )
    if name == "tool":
        assert {"item", "tool", "command_output", "usage", "lifecycle", "assistant", "run_status"} <= {
            payload["stream"] for payload in agent
        }


async def test_events_that_come_by_themselves(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "TICK_INTERVAL_MS", 10)
    monkeypatch.setattr(pulse, "HEALTH_EVERY_S", 0.01)
    async with speaking(tmp_path) as (served, client):
        async with served.open(origin=served.url) as page:
            await page.connect("house-token", client=PAGE, key=DeviceKey())
            for name in ("tick", "health", "presence"):
                await client.wait(lambda frame, name=name: frame.get("event") == name)  # type: ignore[misc]
        served.broadcast.tell("shutdown", {"reason": "gateway stopping"})
        await client.wait(lambda frame: frame.get("event") == "shutdown")
        frames_fit(judge, client)
    for frame in client.of("tick"):
        judge.check("TickEvent", frame["payload"])
    for frame in client.of("presence"):
        for row in frame["payload"]["presence"]:
            judge.check("PresenceEntry", row)
        judge.check("StateVersion", frame["stateVersion"])
    for frame in client.of("health"):
        judge.check("Snapshot.health", frame["payload"])
        judge.check("StateVersion", frame["stateVersion"])
    judge.check("ShutdownEvent", client.of("shutdown")[0]["payload"])


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[ProtocolClient]:
    async with speaking(tmp_path, say("one"), say("two")) as (served, found):
        await served.house.gateway.pairing.request("telegram", "default", "42", {"username": "al"})
        await served.house.gateway.pairing.request("telegram", "default", "43", {})
        await found.ended(await found.send_chat("hi"))
        await found.ended(await found.send_chat("hi", key="agent:ops:telegram:group:-100"))
        yield found


@pytest.mark.parametrize(
    ("method", "params", "definition"),
    [
        ("models.list", {}, "ModelsListResult"),
        ("models.list", {"view": "all"}, "ModelsListResult"),
        ("agents.list", {}, "AgentsListResult"),
        ("logs.tail", {"limit": 5}, "LogsTailResult"),
        ("channels.status", {}, "ChannelsStatusResult"),
        ("channels.pairing.list", {}, "ChannelsPairingListResult"),
        ("channels.pairing.approve", {"channel": "telegram", "accountId": "default", "requestId": "43"},
         "ChannelsPairingApproveResult"),
        ("users.github.status", {}, "UsersGitHubStatusResult"),
        ("tools.github.status", {"agentId": "main", "selectedScope": "system"}, "ToolsGitHubStatusResult"),
        ("sessions.github.options", {"sessionKey": "main"}, "SessionGitHubOptionsResult"),
        ("tools.catalog", {}, "ToolsCatalogResult"),
        ("tools.effective", {"sessionKey": "main"}, "ToolsEffectiveResult"),
        ("tools.invoke", {"name": "nope"}, "ToolsInvokeResult"),
        ("skills.search", {}, "SkillsSearchResult"),
        ("channels.pairing.dismiss", {"channel": "telegram", "accountId": "default", "requestId": "43"},
         "ChannelsPairingDismissResult"),
        ("exec.approvals.get", {}, "ExecApprovalsSnapshot"),
        ("exec.approval.grants.list", {}, "ExecApprovalGrantsListResult"),
        ("approval.history", {}, "ApprovalHistoryResult"),
        ("tasks.list", {}, "TasksListResult"),
        ("taskSuggestions.list", {}, "TaskSuggestionsListResult"),
        ("question.list", {}, "QuestionListResult"),
        ("plugins.list", {}, "PluginsListResult"),
        ("projects.list", {}, "ProjectsListResult"),
        ("environments.list", {}, "EnvironmentsListResult"),
        ("board.get", {"sessionKey": "main"}, "BoardSnapshot"),
        ("artifacts.list", {"sessionKey": "main"}, "ArtifactsListResult"),
        ("talk.catalog", {}, "TalkCatalogResult"),
        ("update.status", {}, "UpdateStatusResult"),
        ("secrets.store.list", {}, "SecretsStoreListResult"),
        ("system.info", {}, "SystemInfoResult"),
        ("gateway.suspend.status", {"suspensionId": "x"}, "GatewaySuspendStatusResult"),
    ],
)  # fmt: skip
async def test_results(
    judge: Judge, client: ProtocolClient, method: str, params: dict[str, Any], definition: str
) -> None:
    judge.check(definition, await client.call(method, **params))


async def test_rows_of_sessions_and_presence(judge: Judge, client: ProtocolClient) -> None:
    rows = (await client.call("sessions.list"))["sessions"]
    assert len(rows) == 2
    rows += (await client.call("status"))["sessions"]["recent"]
    rows.append((await client.call("chat.history", sessionKey="main"))["sessionInfo"])
    for row in rows:
        judge.check("SessionRow", row)
    for entry in await client.call("system-presence"):
        judge.check("PresenceEntry", entry)
    health = await client.call("health")
    assert health.pop("modelRuntime") == {"degraded": False, "pendingAgents": []}  # in the answer only
    judge.check("Snapshot.health", health)


REFUSED: list[tuple[str, Any]] = [
    ("nope", {}),
    ("chat.send", {}),
    ("chat.send", []),
    ("chat.history", {"sessionKey": "agent:nope:main"}),
    ("agent", {"message": "x", "idempotencyKey": "k", "agentId": "nope"}),
    ("sessions.list", {"bogus": 1}),
    ("connect", {}),
]


@pytest.mark.parametrize(("method", "params"), REFUSED)
async def test_errors(judge: Judge, client: ProtocolClient, method: str, params: Any) -> None:
    frame = await client.request(method, params)
    judge.check("ResponseFrame", frame)
    judge.check("ErrorShape", frame["error"])


async def test_a_missing_scope_has_the_details_that_clients_know(judge: Judge, tmp_path: Path) -> None:
    async with serve(tmp_path, CONFIG) as served, served.connect(scopes=["operator.read"]) as client:
        error = (await client.request("chat.send", {}))["error"]
    judge.check("ErrorShape", error)
    judge.check("MissingScopeErrorDetails", error["details"])
    judge.check("GatewayErrorDetails", error["details"])


@pytest.mark.parametrize(
    "connect",
    [{"auth": {"token": "wrong"}}, {"auth": {}}, {"client": {"id": "nobody"}}, {"minProtocol": 9, "maxProtocol": 9}],
)
async def test_refusals_of_connect(judge: Judge, tmp_path: Path, connect: dict[str, Any]) -> None:
    async with serve(tmp_path) as served, served.open() as client:
        frame = await client.connect(None, **connect)
    judge.check("ResponseFrame", frame)
    judge.check("ErrorShape", frame["error"])


def samples(schema: dict[str, Any]) -> Iterator[Any]:
    """Values that a schema calls valid, its bounds among them."""
    if "const" in schema:
        yield schema["const"]
    elif "enum" in schema:
        yield from schema["enum"]
    elif "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from samples(option)
    else:
        yield from _plain_samples(schema)


def _plain_samples(schema: dict[str, Any]) -> Iterator[Any]:
    match schema.get("type"):
        case "string":
            lengths = {max(1, schema.get("minLength", 1)), schema.get("maxLength", 1)}
            fits = re.compile(schema.get("pattern", "")).search
            yield from (text for length in sorted(lengths) if fits(text := "x" * length))
        case "integer" | "number":
            yield schema.get("minimum", 0)
            yield schema.get("maximum", 1_000_000_000)
        case "boolean":
            yield from (True, False)
        case "array":
            if not schema.get("minItems"):
                yield []
            yield from ([item] for item in samples(schema.get("items", {})))
        case "object":
            yield dict(_whole(schema))
        case None:
            yield from ("anything", {"any": "thing"})


def _whole(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in schema.get("properties", {}).items():
        value = next(iter(samples(part)), None)
        if value is not None:
            yield name, value


def valid_params(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The least that is valid, then each property with each of its samples; the same of every choice there is."""
    if "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from valid_params(choice)
        return
    required = {name: value for name, value in _whole(schema) if name in schema.get("required", ())}
    yield required
    for name, part in schema.get("properties", {}).items():
        for value in samples(part):
            yield required | {name: value}


@pytest.mark.parametrize("entry", list(METHODS.values()), ids=lambda entry: entry.name)
def test_everything_that_the_schema_calls_valid_is_taken(judge: Judge, entry: Method) -> None:
    definition = judge.definitions.get(params_of(entry.name))
    if definition is None:
        pytest.skip("the schema has no parameters for it")
    taken = 0
    for params in valid_params(definition):
        judge.check(params_of(entry.name), params)  # our samples are right
        entry.params.model_validate(params)
        taken += 1
    assert taken


def test_every_result_has_the_published_keys(judge: Judge) -> None:
    """What is required is there, what is unknown is not; frames prove the rest where a test provokes them."""
    told = []
    for name, entry in METHODS.items():
        definition, model = judge.result_of(name), typing.get_type_hints(entry.run)["return"]
        schema = judge.definitions.get(definition or "", {})
        if "properties" not in schema or not (isinstance(model, type) and issubclass(model, Result)):
            continue
        ours = {field.alias for field in model.model_fields.values()}
        told += [f"{definition} . missing {key}" for key in schema.get("required", ()) if key not in ours]
        if schema.get("additionalProperties") is False:
            told += [f"{definition} . unexpected {key}" for key in sorted(map(str, ours - set(schema["properties"])))]
    assert [text for text in told if text not in judge.exceptions] == []


def test_every_exception_is_proven_by_a_recorded_frame(judge: Judge) -> None:
    """Each is what the schema says of the line that it names; needs the recordings, which are not in the repository."""
    folder = recordings()
    unproven = [row for row in exceptions() if row["says"] not in judge.of_recorded(folder, row["recorded"])]
    assert unproven == []


async def test_a_frame_that_is_not_of_the_schema_fails_the_test_that_heard_it(judge: Judge, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="tick: TickEvent ts type"):
        async with serve(tmp_path) as served, served.connect() as client:
            served.broadcast.tell("tick", {"ts": "now"})
            await client.wait(lambda frame: frame.get("event") == "tick")


def test_every_connect_that_the_schema_calls_valid_is_read(judge: Judge) -> None:
    for params in valid_params(judge.definitions["ConnectParams"]):
        ConnectParams.model_validate(params)


def test_every_method_needs_the_scope_that_clients_know(judge: Judge) -> None:
    """`health` needs none, as every status command starts with it (protocol §18.10); some depend on their params."""
    for entry in METHODS.values():
        published = judge.methods.get(entry.name, {"scope": "dynamic"})["scope"]  # some are newer than the schema
        if entry.name == "health":
            assert entry.terms.scope is None
        elif published == "node":
            assert (entry.terms.role, entry.terms.scope) == ("node", None), entry.name
        elif published != "dynamic" and entry.name not in SCOPE_CHANGED:
            assert entry.terms.scope == published, entry.name
