"""A gateway's parts while they work: what is done before the doors open, and in which order they close."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from clawfleet.agents.events import RunEvent, ToolStarted
from clawfleet.agents.run import TurnInput
from clawfleet.channels.replies import Delivery
from clawfleet.core.messages import Usage
from clawfleet.models.providers import demo
from clawfleet.models.providers.base import Finished, TextDelta
from clawfleet.runtime.gateway import retaken, running_gateway
from clawfleet.runtime.place import Place
from clawfleet.runtime.running import DRAIN_S, Running, drain_budget_s
from clawfleet.runtime.running_note import note_path
from clawfleet.sessions.model import NewInput
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.support.protocol_client import ProtocolClient, connected, open_socket
from tests.unit.runtime.conftest import TakePlace

KEY = "agent:main:main"


@asynccontextmanager
async def running(place: Place) -> AsyncIterator[Running]:
    """A gateway that is stopped at the end, if it was not before."""
    async with running_gateway(place, place.instance.state_dir / "gateway.log") as made:
        await made.start()
        hurry = asyncio.Event()
        hurry.set()
        try:
            yield made
        finally:
            if not made._draining:
                await made.stop(hurry)


def client_of(place: Place) -> Any:
    assert place.auth.secret is not None
    return connected(f"ws://127.0.0.1:{place.port}", place.auth.secret)


async def test_it_serves_and_says_what(take: TakePlace) -> None:
    place = take()
    async with running(place) as gateway, client_of(place) as client:
        ready = gateway.describe()
        assert ready.url == f"http://127.0.0.1:{place.port}/"
        assert (ready.token, ready.model, ready.is_demo) == (place.auth.secret, "demo/echo", True)
        assert (ready.state_dir, ready.config_exists) == (place.instance.state_dir, False)
        assert (await client.call("health"))["ok"]
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{ready.url}readyz")).json()["ready"] is True


async def test_others_can_find_it(take: TakePlace) -> None:
    """The original's commands look for a note before they ask a gateway of this machine."""
    place = take()
    async with running(place):
        note = json.loads(note_path(place.instance.state_dir).read_text(encoding="utf-8"))
        assert (note["port"], note["ownerId"]) == (place.port, place.lock.info.owner_id)


async def test_the_model_it_says_is_the_default_agents_own(take: TakePlace) -> None:
    provider = {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "k", "models": [{"id": "one"}]}
    place = take({"models": {"providers": {"fake": provider}}, "agents": {"entries": {"main": {"model": "demo/echo"}}}})
    async with running(place) as gateway:
        assert gateway.describe().model == "demo/echo"


@pytest.mark.parametrize(("bind", "host"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")])
async def test_the_url_it_says_can_be_opened(take: TakePlace, bind: str, host: str) -> None:
    place = take(bind=bind)
    async with running(place) as gateway, httpx.AsyncClient(trust_env=False) as http:
        url = gateway.describe().url
        assert url == f"http://{host}:{place.port}/"
        assert (await http.get(f"{url}healthz")).status_code == 200


async def left_behind(place: Place, key: str) -> None:
    """What a process that was killed in the middle of a turn leaves."""
    db = await Database.open(place.instance.store_dir / "gateway.sqlite", MIGRATIONS)
    message = TurnInput(KEY, "main", "hi").message
    await Sessions(db).accept(NewInput(key, key, KEY, "main", message))
    await db.close()


async def test_a_message_of_a_dead_process_runs_when_its_client_repeats_it_at_once(
    take: TakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doors open only when the past is settled, so that no repetition is taken for an answered one."""
    monkeypatch.setattr(demo, "WORD_DELAY_S", 0.0)
    place = take()
    await left_behind(place, "k1")
    async with running(place), client_of(place) as client:
        sent = await client.call("chat.send", sessionKey="main", message="hi", idempotencyKey="k1")
        assert (sent["runId"], sent["status"]) == ("k1", "started")
        await client.ended("k1")
        page = await client.call("chat.history", sessionKey="main")
    assert [row["role"] for row in page["messages"]] == ["user", "assistant"]


async def test_nothing_is_answered_before_the_past_is_taken_up(
    take: TakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = take()
    async with running_gateway(place, place.instance.state_dir / "gateway.log") as gateway:
        runs, order = gateway._gateway.runs, list[str]()
        resume, startup = runs.resume, gateway._server.startup

        async def resume_and_note() -> None:
            await resume()
            order.append("past taken up")

        async def startup_and_note(sockets: Any = None) -> None:
            order.append("doors open")
            await startup(sockets)

        monkeypatch.setattr(runs, "resume", resume_and_note)
        monkeypatch.setattr(gateway._server, "startup", startup_and_note)
        await gateway.start()
        await gateway.stop(asyncio.Event())
    assert order == ["past taken up", "doors open"]


class Slow:
    """A model that says one word and waits."""

    def __init__(self, gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = asyncio.Event()

        async def stream(*_: Any) -> Any:
            yield TextDelta("one ")
            await self.go_on.wait()
            yield TextDelta("two")
            yield Finished("stop", Usage())

        monkeypatch.setattr(gateway._gateway.models, "stream", stream)


async def begun(client: ProtocolClient, run_id: str) -> None:
    await client.wait(lambda f: f.get("event") == "chat" and f["payload"].get("deltaText") == "one ")


async def test_a_stop_lets_turns_end_and_closes_in_the_protocols_order(
    take: TakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = take()
    async with running(place) as gateway, client_of(place) as client, httpx.AsyncClient() as http:
        slow = Slow(gateway, monkeypatch)
        run = await client.send_chat("hi")
        await begun(client, run)
        stopping = asyncio.ensure_future(gateway.stop(asyncio.Event()))
        await client.wait(lambda frame: frame.get("event") == "shutdown")
        assert not stopping.done()
        late = await client.request("chat.send", {"sessionKey": "main", "message": "x", "idempotencyKey": "late"})
        assert late["error"]["details"]["code"] == "GATEWAY_DRAINING"
        probe = await http.get(f"http://127.0.0.1:{place.port}/readyz")
        assert (probe.status_code, probe.json()["failing"]) == (503, ["gateway-draining"])
        slow.go_on.set()
        assert (await client.ended(run))["state"] == "final"
        assert await client.closed() == (1012, "service restart")
        await asyncio.wait_for(stopping, 30)
        with pytest.raises(OSError, match=r"."):
            await asyncio.open_connection("127.0.0.1", place.port)
    states = [frame["payload"].get("state") for frame in client.of("chat", "shutdown")]
    assert states[-1] == "final"


async def test_a_restart_in_place_keeps_those_waiting_who_come_meanwhile(take: TakePlace) -> None:
    place = take()
    async with running(place) as gateway, client_of(place) as client:
        gateway._gateway.control.restart("for a test", 0)
        await asyncio.wait_for(gateway.until(gateway.restart_wanted), 30)
        await gateway.stop(asyncio.Event(), restart_until=asyncio.Event())
        (shutdown,) = client.of("shutdown")
        assert shutdown["payload"] == {"reason": "gateway restarting", "restartExpectedMs": 1500}
        assert await client.closed() == (1012, "service restart")
    waiting = asyncio.ensure_future(connect_to(place))
    async with running(await retaken(place, gateway.current)):
        assert (await asyncio.wait_for(waiting, 30))["ok"]


async def test_a_signal_makes_a_stop_of_a_restart_and_turns_still_end(
    take: TakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, signalled = take(), asyncio.Event()
    async with running(place) as gateway, client_of(place) as client:
        slow = Slow(gateway, monkeypatch)
        run = await client.send_chat("hi")
        await begun(client, run)
        stopping = asyncio.ensure_future(gateway.stop(asyncio.Event(), restart_until=signalled))
        await client.wait(lambda frame: frame.get("event") == "shutdown")
        signalled.set()
        await client.call("health")
        assert not stopping.done()
        slow.go_on.set()
        assert (await client.ended(run))["state"] == "final"
        await asyncio.wait_for(stopping, 30)


async def connect_to(place: Place) -> Any:
    async with client_of(place) as client:
        return await client.call("health")


async def test_a_restart_with_a_config_that_cannot_be_used_goes_on_with_the_last(
    take: TakePlace, caplog: pytest.LogCaptureFixture
) -> None:
    place = take({"logging": {"level": "info"}})
    async with running(place) as gateway:
        last = gateway.current
    place.instance.config_path.write_text("{ broken", encoding="utf-8")
    again = await retaken(place, last)
    assert again.snapshot is last.snapshot
    assert "restarting with the config as it was" in caplog.text


async def test_a_second_signal_waits_for_no_turn(take: TakePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    place = take()
    async with running(place) as gateway, client_of(place) as client:
        Slow(gateway, monkeypatch)
        run = await client.send_chat("hi")
        await begun(client, run)
        hurry = asyncio.Event()
        stopping = asyncio.ensure_future(gateway.stop(hurry))
        await client.wait(lambda frame: frame.get("event") == "shutdown")
        hurry.set()
        ended = await client.ended(run)
        assert (ended["state"], ended["stopReason"]) == ("aborted", "shutdown")
        assert await client.closed() == (1012, "service restart")
        await asyncio.wait_for(stopping, 30)


async def test_a_socket_that_has_not_shown_who_it_is_is_closed_too(take: TakePlace) -> None:
    place = take()
    async with running(place) as gateway, open_socket(f"ws://127.0.0.1:{place.port}") as client:
        await gateway.stop(asyncio.Event())
        assert await client.closed() == (1012, "service restart")


async def test_a_server_that_dies_is_not_waited_for(take: TakePlace) -> None:
    async with running(take()) as gateway:
        assert gateway._serving is not None
        gateway._server.should_exit = True
        await asyncio.wait_for(gateway.until(asyncio.Event()), 30)


async def test_who_wrote_on_a_channel_sees_that_somebody_types(
    take: TakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "WORD_DELAY_S", 0.0)
    async with running(take()) as gateway:
        typing: list[tuple[str, str]] = []
        replies, runs = gateway._replies, gateway._gateway.runs
        monkeypatch.setattr(replies, "start_typing", lambda delivery: typing.append(("start", delivery)))
        monkeypatch.setattr(replies, "stop_typing", lambda delivery: typing.append(("stop", delivery)))
        delivery = Delivery("telegram", "default", "42").encode()
        for where in (delivery, None):
            accepted = await runs.accept(TurnInput(KEY, "main", "hi", delivery=where))
            assert accepted.run is not None
            await accepted.run.outcome()
    assert typing[:2] == [("start", delivery), ("stop", delivery)]
    assert typing.count(("start", delivery)) == 1


async def test_a_chat_is_told_of_tools_when_it_wants_to(take: TakePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(take()) as gateway:
        told: list[tuple[str, str]] = []
        monkeypatch.setattr(gateway._replies, "remark", lambda delivery, text: told.append((delivery, text)))
        runs = gateway._gateway.runs
        for delivery, level in ((None, "on"), ("chat", "off"), ("chat", "on")):
            run = SimpleNamespace(input=SimpleNamespace(delivery=delivery), verbose=level)
            monkeypatch.setattr(runs, "find", lambda run_id, run=run: run)
            runs.events.tell(RunEvent("r", KEY, "s", "main", 1, 1, ToolStarted("c", "exec", {}, 1)))
    assert told == [("chat", "🛠️ Exec")]


@pytest.mark.parametrize(
    ("stop_timeout", "seconds"),
    [(None, DRAIN_S), ("", DRAIN_S), ("soon", DRAIN_S), ("90", 75.0), ("15", 5.0), ("0", 5.0), ("-5", 5.0)],
)
def test_turns_get_what_the_service_manager_leaves_them(stop_timeout: str | None, seconds: float) -> None:
    assert drain_budget_s(stop_timeout) == seconds
