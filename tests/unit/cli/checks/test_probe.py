"""The running gateway is asked with `--deep` only."""

from __future__ import annotations

import pytest

from clawfleet.cli.checks.probe import judge_health
from clawfleet.cli.checks.scene import Scene
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import HEALTH, FakeGateway, Home


def test_it_is_not_asked_otherwise(own: FakeGateway, look: Look) -> None:
    assert look("gateway/answers") == {}
    assert own.requests == []


def test_one_that_answers_is_fine_and_one_that_refuses_is_an_error(
    own: FakeGateway, home: Home, look: Look, scene: Scene
) -> None:
    scene.deep = True
    assert look("gateway/answers") == {}
    home.write_config(home.config_path.read_text().replace("t0ken", "other"))
    found = look("gateway/answers")["gateway.probe_failed"]
    assert "token mismatch" in found.message
    assert str(own.port) in found.evidence


@pytest.mark.parametrize(
    ("row", "count"),
    [
        ({"configured": True, "lastError": "401"}, 1),
        ({"configured": True}, 0),
        ({"configured": False, "lastError": "401"}, 0),
    ],
)
def test_channels_that_do_not_work(row: dict[str, object], count: int) -> None:
    assert len(list(judge_health(HEALTH | {"channels": {"telegram": row}}))) == count


def test_no_gateway_is_not_asked(look: Look, scene: Scene) -> None:
    scene.deep = True
    assert look("gateway/answers") == {}
