"""The four states of a service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from clawfleet.host.definitions import Definition
from clawfleet.host.services import NotInstalled, ServiceState

BLANK = ServiceState("systemd user", "openclaw-gateway.service", "openclaw-gateway.service", Path("/u"))
INSTALLED = replace(BLANK, definition=Definition())
LOADED = replace(INSTALLED, is_loaded=True)


def test_present_is_not_loaded_and_loaded_is_not_running() -> None:
    assert BLANK.phase == "not installed"
    assert INSTALLED.phase == "installed, not loaded"
    assert LOADED.phase == "loaded, not running"
    assert replace(LOADED, pid=7).phase == "running"
    assert (INSTALLED.loaded_text, LOADED.loaded_text) == ("not loaded", "loaded")


def test_how_the_last_process_ended() -> None:
    assert replace(LOADED, exit_code=78).end == "exit 78"
    assert replace(LOADED, exit_signal="SIGKILL").end == "killed by SIGKILL"
    assert replace(LOADED, exit_code=78, pid=7).end == ""
    assert LOADED.end == ""


def test_a_missing_service_comes_with_both_ways_to_run() -> None:
    hint = NotInstalled("systemd").hint or ""
    assert "openclaw gateway install" in hint
    assert "openclaw gateway run" in hint
