"""Names and places of one gateway."""

from __future__ import annotations

import pytest

from tests.unit.fleet.fleets import instances_of


def test_the_unnamed_profile_has_the_bare_names() -> None:
    """They are what the gateway's own command line looks for."""
    (item,) = instances_of(a={"default": {}})
    assert item.id == "a/default"
    assert item.unit == "openclaw-gateway.service"
    assert item.unit_dir == "/home/openclaw/.config/systemd/user"
    assert item.state_dir == "/home/openclaw/.openclaw"
    assert item.config_path == "/home/openclaw/.openclaw/openclaw.json"
    assert item.env_path == "/home/openclaw/.openclaw/.env"


@pytest.mark.parametrize(("user", "home"), [("root", "/root"), ("ada", "/home/ada")])
def test_a_named_profile_has_its_own_places_in_its_users_home(user: str, home: str) -> None:
    """Everything follows profile and user."""
    (item,) = instances_of(a={"ops": {"osUser": user}})
    assert item.unit == "openclaw-gateway-ops.service"
    assert item.home == home
    assert item.state_dir == f"{home}/.openclaw-ops"
    assert item.workspace == f"{home}/.openclaw-ops/workspace"
