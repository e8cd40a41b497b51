"""Allowed, and hardly meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.advice import advice_on
from clawfleet.config.models.root import Config


def advice(telegram: dict[str, Any]) -> list[str]:
    config = Config.model_validate({"channels": {"telegram": telegram}})
    return [problem.message for problem in advice_on(config)]


def test_open_to_nobody() -> None:
    """`open` means those in allowFrom, and there are none."""
    assert advice({"dmPolicy": "open"}) == [
        'channels.telegram.dmPolicy="open" but channels.telegram.allowFrom does not include "*"; '
        "all DMs will be dropped"
    ]


def test_open_to_some() -> None:
    """Which is what allowlist is for."""
    assert "only the senders listed there are heard" in advice({"dmPolicy": "open", "allowFrom": [42]})[0]


def test_an_empty_allowlist() -> None:
    """Nobody can ever write."""
    assert "all DMs will be dropped" in advice({"dmPolicy": "allowlist"})[0]


@pytest.mark.parametrize(
    "telegram",
    [
        {},
        {"dmPolicy": "open", "allowFrom": ["*"]},
        {"dmPolicy": "allowlist", "allowFrom": ["42"]},
        {"dmPolicy": "disabled"},
        {"dmPolicy": "open", "enabled": False},
    ],
)
def test_nothing_to_say(telegram: dict[str, Any]) -> None:
    """Sensible settings stay without comment."""
    assert advice(telegram) == []


def test_without_telegram_there_is_nothing_to_say() -> None:
    """An empty config is quiet."""
    assert advice_on(Config()) == []


def test_a_binding_to_nobody_is_told() -> None:
    rows = [{"agentId": name, "match": {"channel": "telegram"}} for name in ("main", "Cook", "gone")]
    config = Config.model_validate({"agents": {"entries": {"main": {}, "cook": {}}}, "bindings": rows})
    (problem,) = advice_on(config)
    assert problem.path == ("bindings", 2, "agentId")
    assert 'no agent "gone"' in problem.message


def test_a_control_ui_without_a_page_is_told_with_its_cure(tmp_path: Path) -> None:
    """Absent, no directory, or without its page: browsers would get a 404."""
    (tmp_path / "file").touch()
    for root in (tmp_path, tmp_path / "absent", tmp_path / "file", tmp_path / ("x" * 5000), "/nul\0"):
        (problem,) = advice_on(Config.model_validate({"gateway": {"controlUi": {"root": str(root)}}}))
        assert problem.path == ("gateway", "controlUi", "root")
        assert str(root) in problem.message and "openclaw config unset gateway.controlUi.root" in problem.message


def test_a_control_ui_with_a_page_or_switched_off_is_fine(tmp_path: Path) -> None:
    off = {"enabled": False, "root": str(tmp_path)}
    assert advice_on(Config.model_validate({"gateway": {"controlUi": off}})) == []
    (tmp_path / "index.html").touch()
    assert advice_on(Config.model_validate({"gateway": {"controlUi": {"root": str(tmp_path)}}})) == []
