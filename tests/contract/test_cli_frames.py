"""What the command line sends is what a gateway understands: no frame refused, no parameter dropped in silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from clawfleet import rpc
from clawfleet.protocol.handshake import Connect, read_connect
from clawfleet.rpc.registry import collect
from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw, fake, home, openclaw, own

__all__ = ["fake", "home", "openclaw", "own"]  # fixtures

# Sent because OpenClaw's own command line sends them; they change nothing here.
WITHOUT_EFFECT = {("agent", "deliver")}

LINES = [
    ["health"],
    ["status"],
    ["gateway", "status"],
    ["gateway", "health"],
    ["logs", "--limit", "5"],
    ["agent", "-m", "hi", "--agent", "main", "--session-id", "x", "--model", "demo/echo", "--timeout", "5"],
    ["agent", "-m", "hi", "--session-key", "agent:main:x"],
]


@pytest.fixture
def frames(own: FakeGateway, home: Home, openclaw: OpenClaw) -> Iterator[list[dict[str, Any]]]:
    """All requests of all command lines."""
    own.answers["logs.tail"] = {"file": "/x.log", "cursor": 0, "size": 0, "lines": []}
    own.answers["sessions.list"] = {"sessions": []}
    own.answers["agent"] = {"runId": "r", "status": "ok", "result": {"payloads": [{"text": "hello"}]}}
    for line in LINES:
        result = openclaw(*line)
        assert result.exit_code == 0, (line, result.stderr)
    yield own.requests


def test_every_first_frame_is_a_connect_that_our_handshake_takes(frames: list[dict[str, Any]]) -> None:
    connects = [frame for frame in frames if frame["method"] == "connect"]
    assert connects
    for frame in connects:
        assert isinstance(read_connect(json.dumps(frame)), Connect), frame
        assert frame["params"]["client"]["id"] == "cli"


def test_every_request_has_only_the_properties_of_the_protocol(frames: list[dict[str, Any]]) -> None:
    for frame in frames:
        assert set(frame) <= {"type", "id", "method", "params"}
        assert frame["type"] == "req"


def test_every_method_exists_and_knows_every_parameter(frames: list[dict[str, Any]]) -> None:
    """Unknown parameters are ignored by design, so a flag that no method reads would be a lie."""
    methods = collect(rpc)
    for frame in frames:
        name = frame["method"]
        if name == "connect":
            continue
        model = methods[name].params
        known = {field.alias or to_camel(key) for key, field in model.model_fields.items()}
        for parameter in frame.get("params") or {}:
            assert parameter in known or (name, parameter) in WITHOUT_EFFECT, f"{name} does not read {parameter}"
        model.model_validate(frame.get("params") or {})
