"""The config that the fleet writes, read with the gateway's eyes."""

from __future__ import annotations

from typing import Any

from config_check import find_config_problems
from tests.unit.deploy.recipes import gateway


def messages(**fields: Any) -> list[str]:
    return [f"{problem.level} {problem.message}" for problem in find_config_problems([gateway(**fields)])]


def test_what_every_gateway_gets_is_a_good_config() -> None:
    """A gateway without a `config` of its own starts without a word."""
    assert messages() == []


def test_a_key_or_value_that_the_gateway_would_refuse_is_found_before_the_host() -> None:
    """With the path and what is allowed."""
    (message,) = messages(config={"logging": {"level": "loud"}})
    assert message.startswith("error edge/ops: config: logging.level: ")
    assert "debug" in message
    (unknown,) = messages(config={"gateway": {"prot": 1}})
    assert unknown.startswith("error edge/ops: config: gateway")


def test_a_secret_in_the_wrong_place_is_not_shown() -> None:
    """Only its reference is known here."""
    (message,) = messages(secrets={"LEVEL_KEY": "env:PATH"}, config={"logging": {"level": "${LEVEL_KEY}"}})
    assert "logging.level" in message
