"""The gateway's own schema holds for what its methods take and answer."""

from pathlib import Path

import jsonschema
import pytest

from clawfleet import rpc
from clawfleet.rpc.registry import collect
from clawfleet.rpc.schema import gateway_schema
from clawfleet.server.broadcast import EVENTS
from tests.unit.rpc.house import demo_at_once, open_house

SCHEMA = gateway_schema(collect(rpc), EVENTS)


def validate(shape: object, value: object) -> None:
    jsonschema.validate(value, {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "allOf": [shape]})


def test_every_method_and_event_is_in_it_with_its_scope() -> None:
    assert set(SCHEMA["methods"]) == set(collect(rpc))
    assert SCHEMA["methods"]["chat.send"]["scope"] == "operator.write"
    assert SCHEMA["events"]["chat"] == {"scope": "operator.read"}
    assert SCHEMA["events"]["tick"] == {"scope": None}


def test_it_is_a_schema_without_loose_ends() -> None:
    for name, method in SCHEMA["methods"].items():
        for part in ("params", "result"):
            jsonschema.Draft202012Validator.check_schema(method[part])
            for reference in _references(method[part]):
                assert reference.removeprefix("#/$defs/") in SCHEMA["$defs"], name


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    return []


async def test_answers_fit_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo_at_once(monkeypatch)
    async with open_house(tmp_path) as house:
        await house.say("hello")
        asked = {"chat.history": {"sessionKey": "main"}}
        for name in ("health", "status", "agents.list", "models.list", "sessions.list", "chat.history"):
            validate(SCHEMA["methods"][name]["params"], asked.get(name, {}))
            validate(SCHEMA["methods"][name]["result"], await house.call(name, **asked.get(name, {})))


def test_a_wrong_parameter_does_not_fit_it() -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(SCHEMA["methods"]["chat.history"]["params"], {"sessionKey": "main", "limit": "many"})
