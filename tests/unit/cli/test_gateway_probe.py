"""`openclaw gateway probe`: every gateway that may be meant, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.cli.conftest import TOKEN, FakeGateway, Home, OpenClaw

ANSWERS: dict[str, Any] = {"system-presence": [{}, {}], "config.get": {"path": "/srv/openclaw.json"}}


@pytest.fixture
def other() -> Iterator[FakeGateway]:
    """A second gateway."""
    gateway = FakeGateway()
    gateway.answers |= ANSWERS
    yield gateway
    gateway.close()


def probe(openclaw: OpenClaw, *args: str, **environ: str) -> tuple[int, Any]:
    """Exit code and JSON of one probe."""
    result = openclaw("gateway", "probe", "--json", *args, **environ)
    return result.exit_code, json.loads(result.stdout)


def test_our_own_gateway_is_asked_on_one_socket(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers |= ANSWERS
    result = openclaw("gateway", "probe")
    assert result.exit_code == 0
    for text in ("Local gateway: ws://127.0.0.1:", "Read probe: ok", "clients: 2", "/srv/openclaw.json"):
        assert text in result.stdout
    assert [request["method"] for request in own.requests] == ["connect", "health", "status", *ANSWERS]


def test_nobody_reached_is_exit_1(home: Home, openclaw: OpenClaw) -> None:
    code, report = probe(openclaw, OPENCLAW_GATEWAY_PORT="1")
    assert (code, report["ok"], report["primaryTargetId"]) == (1, False, "local")
    assert "not reachable" in report["targets"][0]["connect"]["error"]


def test_a_gateway_that_may_not_be_read_is_reached_but_limited(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.scopes = []
    code, report = probe(openclaw)
    assert code == 0
    assert (report["ok"], report["degraded"]) == (True, True)
    assert report["capability"] == "connected-no-operator-scope"
    assert [warning["code"] for warning in report["warnings"]] == ["probe_scope_limited"]


def test_two_that_answer_are_a_warning(own: FakeGateway, other: FakeGateway, home: Home, openclaw: OpenClaw) -> None:
    own.answers |= ANSWERS
    code, report = probe(openclaw, OPENCLAW_GATEWAY_URL=other.url, OPENCLAW_GATEWAY_TOKEN=TOKEN)
    assert code == 0
    assert [target["url"] for target in report["targets"]] == [other.url, own.url]
    assert report["warnings"][0]["code"] == "multiple_gateways"
    assert report["warnings"][0]["targetIds"] == ["remote", "local"]


def test_a_gateway_named_by_flag_is_asked_alone(own: FakeGateway, other: FakeGateway, openclaw: OpenClaw) -> None:
    code, report = probe(openclaw, "--url", other.url, "--token", TOKEN)
    assert (code, len(report["targets"])) == (0, 1)
    assert own.requests == []
