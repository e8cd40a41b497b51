"""`openclaw configure`."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli import setup_ask
from tests.unit.cli.conftest import Home, OpenClaw


def test_without_a_terminal_it_says_what_to_do(openclaw: OpenClaw) -> None:
    result = openclaw("configure")
    assert result.exit_code == 1
    assert "needs a terminal" in result.stderr and "openclaw config set" in result.stderr


def test_only_the_chosen_sections_are_asked(home: Home, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_ask, "is_terminal", lambda: True)
    home.write_config('{"gateway": {"mode": "local", "auth": {"token": "t0ken-of-mine"}}}')
    result = openclaw("configure", "--section", "gateway", "--section", "health", stdin="18999\nlan\n")
    assert result.exit_code == 0, result.output
    assert "Is it well?" in result.stdout
    gateway = json.loads(home.config_path.read_text())["gateway"]
    assert (gateway["port"], gateway["bind"], gateway["auth"]) == (18999, "lan", {"token": "t0ken-of-mine"})
    asked = openclaw("configure", stdin="workspace,channels\n\n\n")
    assert asked.exit_code == 0, asked.output
    assert "no such section: weather" in openclaw("configure", stdin="weather\n").stderr
