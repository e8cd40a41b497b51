"""Another config taken up by a running gateway: whole and at once, or not at all."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import NoSecret
from clawfleet.config.load import check_text
from clawfleet.config.read import ConfigInvalid
from clawfleet.core.errors import GatewayError
from clawfleet.host.gateways import PortInUse
from clawfleet.rpc.clients import Caller
from tests.unit.agents.fakes import say
from tests.unit.rpc.house import CLI, House, open_house, until

TWO = {
    "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "one"}, {"id": "two"}]}}},
    "agents": {"defaults": {"model": "fake/one"}},
}


def rewrite(house: House, config: Any) -> None:
    text = config if isinstance(config, str) else json.dumps(config)
    house.gateway.instance.config_path.write_text(text, encoding="utf-8")


def remove(house: House) -> None:
    house.gateway.instance.config_path.unlink()


class Somebody:
    """A connected client that remembers what it was told."""

    def __init__(self, conn_id: str = "c1", auth_method: str = "token") -> None:
        self.caller = Caller(conn_id, CLI, ("operator.admin",), True, auth_method=auth_method)
        self.heard: list[str] = []
        self.closed: tuple[int, str] | None = None

    def post(self, head: str, *, droppable: bool = False) -> None:
        self.heard.append(head)

    def put(self, frame: str) -> None:
        self.heard.append(frame)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


async def test_everything_that_follows_from_the_config_is_exchanged_at_once(tmp_path: Path) -> None:
    async with open_house(tmp_path, TWO) as house:
        before, gateway = house.gateway.live.current, house.gateway
        rewrite(house, TWO | {"agents": {"defaults": {"model": "fake/two"}, "entries": {"main": {}, "ops": {}}}})
        done = await house.control.reload()
        assert not done.restarts
        assert {change.path for change in done.changes} >= {"agents.defaults.model.primary", "agents.entries.ops"}
        after = gateway.live.current
        assert (str(gateway.models.catalog.default()), list(gateway.roster.agents)) == ("fake/two", ["main", "ops"])
        assert after.snapshot is done.snapshot
        assert None not in {after.models, after.toolbox}
        assert str(before.models.catalog.default()) == "fake/one"  # who still has it goes on with it


async def test_the_same_config_again_changes_nothing_and_is_not_told(tmp_path: Path) -> None:
    async with open_house(tmp_path, TWO) as house:
        watcher = Somebody()
        house.broadcast.join(watcher)
        assert (await house.control.reload()).changes == ()
        assert watcher.heard == []


async def test_clients_are_told_that_the_config_changed(tmp_path: Path) -> None:
    async with open_house(tmp_path, TWO) as house:
        watcher = Somebody()
        house.broadcast.join(watcher)
        rewrite(house, TWO | {"logging": {"level": "debug"}})
        done = await house.control.reload()
        (head,) = watcher.heard
        event = json.loads(head + "}")
        assert event["event"] == "config.changed"
        assert event["payload"]["path"] == str(house.gateway.instance.config_path)
        assert event["payload"]["hash"] == house.gateway.live.hash_of(done.snapshot.text)
        assert isinstance(event["payload"]["ts"], int)


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ("{ gateway: ", ConfigInvalid),
        ({"nosuchkey": 1}, ConfigInvalid),
        ({"gateway": {"auth": {"mode": "password"}}}, NoSecret),
    ],
)
async def test_a_config_that_cannot_be_used_leaves_everything_as_it_was(
    tmp_path: Path, broken: Any, error: type[GatewayError]
) -> None:
    async with open_house(tmp_path, TWO) as house:
        before = house.gateway.live.current
        rewrite(house, broken)
        with pytest.raises(error):
            await house.control.reload()
        assert house.gateway.live.current is before
        assert not house.control.restart_wanted.is_set()


async def test_what_needs_a_restart_takes_everything_else_with_it(tmp_path: Path) -> None:
    """No half of what was written is ever in force."""
    async with open_house(tmp_path, TWO) as house:
        before = house.gateway.live.current
        rewrite(house, TWO | {"gateway": {"controlUi": {"basePath": "/ui"}}, "agents": {"entries": {"ops": {}}}})
        done = await house.control.reload(delay_ms=0)
        assert done.restarts
        assert house.gateway.live.current is before
        await until(house.control.restart_wanted.is_set)


async def test_what_a_flag_decides_needs_no_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path, TWO) as house:  # runs with --port
        rewrite(house, TWO | {"gateway": {"port": 4321}})
        done = await house.control.reload()
        assert not done.restarts
        assert [(change.path, change.kind) for change in done.changes if change.path == "gateway.port"] == [
            ("gateway.port", "none")
        ]


async def test_a_port_that_is_taken_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path, TWO) as house:
        monkeypatch.setattr(house.control, "_options", type(house.control._options)(token="t"))
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            text = json.dumps({"gateway": {"port": other.getsockname()[1]}})
            with pytest.raises(PortInUse):
                house.control.check(check_text(house.gateway.instance, text))


async def test_a_new_secret_holds_at_once_and_hangs_up_who_showed_the_old_one(tmp_path: Path) -> None:
    config = {"gateway": {"auth": {"token": "the-first-token"}}}
    async with open_house(tmp_path, config) as house:
        by_secret, by_device = Somebody("c1"), Somebody("c2", "device-token")
        house.broadcast.join(by_secret)
        house.broadcast.join(by_device)
        rewrite(house, {"gateway": {"auth": {"token": "the-second-token"}}})
        await house.control.reload()
        assert house.auth.admits("the-second-token")
        assert not house.auth.admits("the-first-token")
        async with asyncio.timeout(30):
            while by_secret.closed is None:
                await asyncio.sleep(0.01)
        assert by_secret.closed == (4001, "gateway auth changed")
        assert by_device.closed is None


async def test_another_way_to_come_in_needs_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path, {"gateway": {"auth": {"token": "t" * 20}}}) as house:
        rewrite(house, {"gateway": {"auth": {"password": "p" * 20}}})
        assert (await house.control.reload()).restarts


async def test_env_files_are_read_again_only_when_asked(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"main": {"name": "${NAME_OF_MAIN}"}}}}
    async with open_house(tmp_path, config) as house:
        (house.gateway.instance.state_dir / ".env").write_text("NAME_OF_MAIN=Ada\n")
        await house.control.reload()
        assert house.gateway.roster.get("main").name == "${NAME_OF_MAIN}"
        await house.control.reload(reread_env=True)
        assert house.gateway.roster.get("main").name == "Ada"
        assert house.gateway.instance.environ["NAME_OF_MAIN"] == "Ada"


async def test_a_turn_under_way_ends_with_what_it_began_with(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_house(tmp_path, TWO, steps=[[gate, *say("the old way")], say("the new way")]) as house:
        await house.call("chat.send", sessionKey="main", message="hello", idempotencyKey="r1")
        (run,) = house.gateway.runs.live()
        await until(lambda: run.model is not None)
        rewrite(house, TWO | {"agents": {"defaults": {"model": "fake/two"}}})
        await house.control.reload()
        gate.set()
        outcome = await run.outcome()
        assert (str(outcome.model), outcome.visible) == ("fake/one", "the old way")
        await house.call("chat.send", sessionKey="main", message="again", idempotencyKey="r2")
        (run,) = house.gateway.runs.live()
        assert str((await run.outcome()).model) == "fake/two"


async def test_of_several_restarts_the_earliest_counts(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.control.restart("later", 60_000)
        house.control.restart("now", 0)
        house.control.restart("later again", 60_000)
        await until(house.control.restart_wanted.is_set)


async def follow(house: House, config: Any, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is logged when somebody else has written this."""
    rewrite(house, config)
    caplog.clear()
    with caplog.at_level("INFO", "clawfleet.gateway.reload"):
        await house.control.follow()
    return [record.getMessage() for record in caplog.records if record.name == "clawfleet.gateway.reload"]


async def test_an_edit_is_taken_up_and_told_as_a_diff(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = TWO | {"gateway": {"auth": {"token": "the-first-token"}}}
    async with open_house(tmp_path, config) as house:
        other = TWO | {"gateway": {"auth": {"token": "the-second-token"}}, "tools": {"exec": {"timeoutSeconds": 60}}}
        assert await follow(house, other, caplog) == [
            "config change detected; evaluating reload (gateway.auth.token, tools.exec.timeoutSeconds)",
            'config plan: gateway.auth.token: "__OPENCLAW_REDACTED__" → "__OPENCLAW_REDACTED__" (hot)',
            "config plan: tools.exec.timeoutSeconds: 1800 → 60 (hot)",
            "config hot reload applied (gateway.auth.token, tools.exec.timeoutSeconds)",
        ]
        assert await follow(house, other, caplog) == []


async def test_what_the_gateway_wrote_itself_is_not_taken_up_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, TWO) as house:
        rewrite(house, TWO | {"session": {"dmScope": "per-peer"}})
        await house.control.reload()
        with caplog.at_level("INFO", "clawfleet.gateway.reload"):
            caplog.clear()
            await house.control.follow()
        assert caplog.records == []


async def test_an_edit_that_cannot_be_used_is_told_once_and_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, TWO) as house:
        before = house.gateway.live.current
        assert await follow(house, {"gateway": {"foo": 1}}, caplog) == [
            'config reload skipped (invalid config): gateway: Unrecognized key: "foo"'
        ]
        (told,) = await follow(house, {"gateway": {"auth": {"mode": "password"}}}, caplog)
        assert told.startswith("config reload skipped (it cannot run): Gateway auth is set to password")
        included = house.gateway.instance.config_path.with_name("more.json5")
        (told,) = await follow(house, {"agents": {"$include": "./more.json5"}}, caplog)
        assert "Failed to read include file" in told
        assert included in house.control.watched  # so that its coming is seen
        caplog.clear()
        await house.control.follow()  # because it is watched now
        assert caplog.records == []
        assert await follow(house, {"agents": {"$include": "./more.json5"}}, caplog) == [told]  # saved once more
        remove(house)
        caplog.clear()
        await house.control.follow()
        assert caplog.records[-1].getMessage() == "config reload skipped (config file not found)"
        assert house.gateway.live.current is before


async def test_off_waits_and_says_so_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_house(tmp_path, TWO) as house:
        before = house.gateway.live.current
        edit = TWO | {"gateway": {"reload": {"mode": "off"}}, "session": {"dmScope": "per-peer"}}
        assert await follow(house, edit, caplog) == ["config reload disabled (gateway.reload.mode=off)"]
        assert await follow(house, edit, caplog) == []
        assert house.gateway.live.current is before


async def test_hot_applies_what_it_can_and_names_the_rest(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_house(tmp_path, TWO) as house:
        edit = TWO | {
            "gateway": {"reload": {"mode": "hot"}, "controlUi": {"basePath": "/ui"}},
            "session": {"dmScope": "per-peer"},
        }
        told = await follow(house, edit, caplog)
        assert told[-3:] == [
            "config hot reload applied (gateway.reload.mode, session.dmScope)",
            'config plan: gateway.controlUi.basePath: "/" → "/ui" (restart)',
            "restart required for: gateway.controlUi.basePath",
        ]
        config = house.gateway.snapshot.config
        assert (config.session.dm_scope, config.gateway.control_ui.base_path) == ("per-peer", "/")
        assert not house.control.restart_wanted.is_set()
        again = await follow(house, edit | {"session": {"dmScope": "main"}}, caplog)
        assert again[-1] == "restart required for: gateway.controlUi.basePath"  # still waits


@pytest.mark.parametrize("mode", ["hybrid", "restart"])
async def test_what_needs_a_restart_restarts(tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: str) -> None:
    async with open_house(tmp_path, TWO) as house:
        edit = TWO | {"gateway": {"reload": {"mode": mode}, "controlUi": {"basePath": "/ui"}}}
        told = await follow(house, edit, caplog)
        assert told[-2].startswith("config change requires gateway restart (")
        assert told[-2].endswith(") — preparing")
        await until(house.control.restart_wanted.is_set)
