"""What the models refuse, in OpenClaw's words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.root import Config
from clawfleet.config.path import show_path
from clawfleet.config.wrong import problems_of

NEITHER = "Invalid input: expected string or object"
ALLOWED_BIND = '"auto", "lan", "loopback", "custom", "tailnet"'


@pytest.mark.parametrize(
    ("tree", "path", "message"),
    [
        ({"gateway": {"port": "18789"}}, "gateway.port", "Invalid input: expected number, received string"),
        ({"gateway": {"port": True}}, "gateway.port", "Invalid input: expected number, received boolean"),
        ({"gateway": {"port": 1.5}}, "gateway.port", "Invalid input: expected int, received number"),
        ({"gateway": {"port": 0}}, "gateway.port", "Too small: expected number to be >=1, got: 0"),
        ({"gateway": {"port": 65536}}, "gateway.port", "Too big: expected number to be <=65535, got: 65536"),
        ({"gateway": {"bind": "x"}}, "gateway.bind", f'Invalid input (allowed: {ALLOWED_BIND}), got: "x"'),
        ({"gateway": {"bind": 5}}, "gateway.bind", f"Invalid input (allowed: {ALLOWED_BIND}), got: 5"),
        ({"gateway": {"bind": []}}, "gateway.bind", f"Invalid input (allowed: {ALLOWED_BIND}), got: array"),
        ({"gateway": {"auth": {"token": 5}}}, "gateway.auth.token", "Invalid input: expected string, received number"),
        ({"gateway": {"auth": "x"}}, "gateway.auth", "Invalid input: expected object, received string"),
        ({"agents": {"defaults": {"model": 5}}}, "agents.defaults.model", f"{NEITHER}, received number"),
        ({"agents": {"entries": {"a": {"model": []}}}}, "agents.entries.a.model", f"{NEITHER}, received array"),
        ({"gateway": None}, "gateway", "Invalid input: expected object, received null"),
        ({"tools": {"allow": "exec"}}, "tools.allow", "Invalid input: expected array, received string"),
        ({"tools": {"allow": ["a", 5]}}, "tools.allow[1]", "Invalid input: expected string, received number"),
        ({"models": {"providers": []}}, "models.providers", "Invalid input: expected object, received array"),
        (
            {"models": {"providers": {"x": {"baseUrl": "u", "models": [{}]}}}},
            "models.providers.x.models[0].id",
            "Invalid input: required, received undefined",
        ),
        (
            {"models": {"providers": {"x": {"baseUrl": "u", "models": [{"id": ""}]}}}},
            "models.providers.x.models[0].id",
            "Too small: expected string to have >=1 characters",
        ),
        (
            {"agents": {"defaults": {"timeoutSeconds": 0}}},
            "agents.defaults.timeoutSeconds",
            "Too small: expected number to be >0, got: 0",
        ),
        (
            {"gateway": {"controlUi": {"enabled": "yes"}}},
            "gateway.controlUi.enabled",
            "Invalid input: expected boolean, received string",
        ),
    ],
)
def test_messages(tree: dict[str, Any], path: str, message: str) -> None:
    """Path and words."""
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(tree)
    found = problems_of(caught.value)
    assert [(show_path(problem.path), problem.message) for problem in found] == [(path, message)]


def test_every_complaint_is_told() -> None:
    """Not only the first."""
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"gateway": {"port": "x", "mode": "y"}, "tools": {"deny": 1}})
    assert len(problems_of(caught.value)) == 3
