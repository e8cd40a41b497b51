"""How a command runs: by config, by agent, by what people and the model asked for."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.config.models.tools import ExecConfig
from clawfleet.core.requester import Requester
from clawfleet.tools.exec_policy import wanted
from clawfleet.tools.runtime.orders import config_for, restricted
from clawfleet.tools.subject import ExecWish, Occasion, Subject

CONFIG = Config.model_validate(
    {
        "tools": {"exec": {"security": "allowlist", "ask": "on-miss", "timeoutSeconds": 5}},
        "agents": {"entries": {"coder": {"tools": {"exec": {"mode": "full", "host": "gateway"}}}}},
    }
)


def found(agent_id: str = "main", *, is_owner: bool = False, **wish: Any) -> ExecConfig:
    asked = Requester("telegram", is_owner=is_owner)
    return config_for(CONFIG, Subject(agent_id, "k", Occasion(requester=asked, wish=ExecWish(**wish))))


def test_an_agents_keys_win_one_by_one() -> None:
    own = found("coder")
    assert (own.host, own.timeout_seconds, wanted(own)) == ("gateway", 5, ("full", "off"))


def test_a_host_that_was_chosen_for_the_session() -> None:
    assert found(host="sandbox").host == "sandbox"
    assert found(host="node").host == "auto"


@pytest.mark.parametrize(
    ("wish", "is_owner", "expected"),
    [
        ({"ask": "always"}, False, ("allowlist", "always")),
        ({"security": "full"}, False, ("allowlist", "on-miss")),
        ({"security": "full"}, True, ("full", "on-miss")),
        ({"security": "deny"}, False, ("deny", "on-miss")),
        ({"ask": "off"}, False, ("allowlist", "on-miss")),
        ({"security": "nonsense"}, True, ("allowlist", "on-miss")),
    ],
)
def test_only_owners_loosen(wish: dict[str, Any], is_owner: bool, expected: tuple[str, str]) -> None:
    """Everybody may make it stricter for their message."""
    assert wanted(found(is_owner=is_owner, **wish)) == expected


def test_the_model_can_only_make_it_stricter() -> None:
    assert wanted(restricted(ExecConfig(), "allowlist", "always")) == ("allowlist", "always")
    assert wanted(restricted(ExecConfig(mode="deny"), "full", "off")) == ("deny", "off")
