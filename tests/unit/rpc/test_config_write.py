"""The config is changed over the wire: by those who know it, to what can run, and at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.unit.rpc.house import House, open_house, until

CONFIG = {
    "gateway": {"mode": "local", "auth": {"token": "the-first-token"}},
    "models": {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "sk-provider", "models": []}}},
}


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, CONFIG) as house:
        yield house


async def base_hash(house: House) -> str:
    answer: str = (await house.call("config.get"))["hash"]
    return answer


def file_of(house: House) -> Path:
    return house.gateway.instance.config_path


async def test_a_patch_is_written_applied_and_told(home: House) -> None:
    known = await base_hash(home)
    done = await home.call(
        "config.patch", raw="{ logging: { level: 'debug' } }", baseHash=known, sessionKey="agent:main:main", note="hi"
    )
    sentinel = done.pop("sentinel")
    assert done.pop("config")["logging"] == {"level": "debug"}
    assert done == {
        "ok": True,
        "path": str(file_of(home)),
        "hash": await base_hash(home),
        "changedPaths": ["logging"],
    }
    assert isinstance(sentinel["payload"].pop("ts"), int)
    assert isinstance(sentinel["payload"].pop("doctorHint"), str)
    assert sentinel == {
        "persisted": False,
        "payload": {
            "kind": "config-patch",
            "status": "ok",
            "sessionKey": "agent:main:main",
            "message": "hi",
            "stats": {"mode": "config.patch", "root": str(file_of(home)), "requiresRestart": False},
        },
    }
    assert home.gateway.snapshot.config.logging.level == "debug"
    assert file_of(home).with_name("openclaw.json.bak").exists()


async def test_a_note_that_was_not_given_is_null_and_a_session_left_out(home: House) -> None:
    done = await home.call("config.patch", raw="{}", baseHash=await base_hash(home))
    payload = done["sentinel"]["payload"]
    assert (payload["message"], "sessionKey" in payload, done["changedPaths"]) == (None, False, [])


async def test_the_operators_comments_stay(home: House) -> None:
    file_of(home).write_text("{\n  // mine\n  logging: { level: 'info' },\n}\n")
    await home.call("config.patch", raw="{logging: {level: null}}", baseHash=await base_hash(home))
    assert file_of(home).read_text() == "{\n  // mine\n  logging: {},\n}\n"


@pytest.mark.parametrize(
    ("method", "where"), [("config.set", ""), ("config.apply", ""), ("config.patch", " for logging.level")]
)
async def test_who_does_not_know_the_config_may_not_change_it(home: House, method: str, where: str) -> None:
    raw, text = "{ logging: { level: 'debug' } }", file_of(home).read_text()
    error = await home.refused(method, {"raw": raw})
    with_hash = " with baseHash" if where else ""
    assert error["message"] == f"config base hash required{where}; re-run config.get and retry{with_hash}"
    error = await home.refused(method, {"raw": raw, "baseHash": "bad"})
    assert (error["code"], error["message"]) == (
        "INVALID_REQUEST",
        "config changed since last load; re-run config.get and retry",
    )
    assert file_of(home).read_text() == text


async def test_of_two_who_change_it_at_once_one_wins(home: House) -> None:
    known = await base_hash(home)
    frames = await asyncio.gather(
        *(
            home.ask("config.patch", {"raw": f"{{agents: {{entries: {{{name}: {{}}}}}}}}", "baseHash": known})
            for name in ("one", "two")
        )
    )
    won, lost = sorted((frame for (frame,) in frames), key=lambda frame: not frame["ok"])
    assert (won["ok"], lost["ok"]) == (True, False)
    assert lost["error"]["message"].startswith("config changed since last load")
    assert len(home.gateway.roster.agents) == 1
    assert list(home.gateway.roster.agents) == list(json.loads(file_of(home).read_text())["agents"]["entries"])


@pytest.mark.parametrize(
    ("raw", "message", "issues"),
    [
        (
            "{ nosuchkey: 1 }",
            'invalid config: <root>: Unrecognized key: "nosuchkey"',
            [{"path": "", "message": 'Unrecognized key: "nosuchkey"'}],
        ),
        ("{ bad json", "SyntaxError: JSON5: invalid character 'j' at 1:7", None),
        (
            "{gateway: {port: 'x'}}",
            "invalid config: gateway.port: Invalid input: expected number, received string",
            [{"path": "gateway.port", "message": "Invalid input: expected number, received string"}],
        ),
    ],
)
async def test_what_cannot_run_is_not_written(home: House, raw: str, message: str, issues: Any) -> None:
    text, current = file_of(home).read_text(), home.gateway.live.current
    error = await home.refused("config.patch", {"raw": raw, "baseHash": await base_hash(home)})
    assert (error["code"], error["message"]) == ("INVALID_REQUEST", message)
    assert error["details"].get("issues") == issues
    assert file_of(home).read_text() == text
    assert home.gateway.live.current is current


async def test_what_would_lock_everybody_out_is_not_written(home: House) -> None:
    raw = "{gateway: {auth: {mode: 'password'}}}"
    error = await home.refused("config.patch", {"raw": raw, "baseHash": await base_hash(home)})
    assert "no password is configured" in error["message"]
    assert "password" not in file_of(home).read_text()


async def test_a_config_is_set_as_it_was_shown_and_its_secrets_stay(home: House) -> None:
    shown = await home.call("config.get")
    raw = json.dumps(shown["sourceConfig"] | {"logging": {"level": "debug"}})
    done = await home.call("config.set", raw=raw, baseHash=shown["hash"])
    assert set(done) == {"ok", "path", "hash", "config"}
    written = json.loads(file_of(home).read_text())
    assert written == CONFIG | {"logging": {"level": "debug"}}
    assert "the-first-token" not in json.dumps(done)


async def test_a_config_is_applied(home: House) -> None:
    shown = await home.call("config.get")
    done = await home.call(
        "config.apply", raw=json.dumps(shown["sourceConfig"]), baseHash=shown["hash"], restartDelayMs=500
    )
    assert set(done) == {"ok", "path", "hash", "config", "sentinel"}
    assert done["hash"] == shown["hash"]
    assert done["sentinel"]["payload"]["stats"]["mode"] == "config.apply"


async def test_a_change_that_needs_a_restart_says_so_and_brings_it(home: House) -> None:
    raw = "{gateway: {controlUi: {basePath: '/ui'}}}"
    done = await home.call("config.patch", raw=raw, baseHash=await base_hash(home), restartDelayMs=0)
    assert done["sentinel"]["payload"]["stats"]["requiresRestart"] is True
    await until(home.control.restart_wanted.is_set)
    shown = await home.call("config.get")
    assert shown["configRevisionHash"] != shown["appliedConfigHash"]


async def test_without_a_file_the_first_change_makes_one(house: House) -> None:
    await house.call("config.patch", raw="{logging: {level: 'debug'}}")
    written = json.loads(file_of(house).read_text())
    assert (written["gateway"]["mode"], written["logging"]) == ("local", {"level": "debug"})


async def test_only_administrators_write(home: House) -> None:
    for method in ("config.set", "config.apply", "config.patch"):
        error = await home.refused(method, {"raw": "{}"}, caller=home.caller("operator.write"))
        assert error["details"]["missingScope"] == "operator.admin"


async def test_what_an_included_file_holds_is_written_there(tmp_path: Path) -> None:
    included = tmp_path / "state" / "tools.json5"
    included.parent.mkdir()
    included.write_text("{ profile: 'coding' /* mine */ }", encoding="utf-8")
    async with open_house(tmp_path, {"tools": {"$include": "./tools.json5"}}) as house:
        instance = house.gateway.instance
        root = instance.config_path.read_text(encoding="utf-8")
        shown = await house.call("config.get")
        assert shown["includedPaths"] == [str(included)]
        assert shown["sourceConfig"]["tools"] == {"profile": "coding"}
        raw = json.dumps({"tools": {"profile": "messaging"}})
        done = await house.call("config.patch", raw=raw, baseHash=shown["hash"])
        assert done["changedPaths"] == ["tools.profile"]
        assert included.read_text(encoding="utf-8") == "{ profile: 'messaging' /* mine */ }"
        assert instance.config_path.read_text(encoding="utf-8") == root
        assert house.gateway.snapshot.config.tools.profile == "messaging"
