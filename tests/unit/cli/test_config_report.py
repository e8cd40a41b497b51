"""What the writing commands say of a change."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli.config_report import try_and_say, write_and_say
from clawfleet.config.change import Edit, plan_edits
from clawfleet.config.env import resolve_instance
from tests.unit.cli.conftest import Home

EDITS = (Edit(("tools", "profile"), "coding"),)


def test_a_change_is_said_once_and_what_was_wrong_before_on_stderr(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write_config("{gateway: {port: 'x'}}")
    instance = resolve_instance(environ=home.environ, cwd=home.root)
    for told in ("Updated tools.profile. Restart the gateway to apply.", "No change"):
        write_and_say(
            instance, lambda old: plan_edits(instance, old, EDITS), EDITS, "Updated tools.profile.", as_json=True
        )
        out, err = capsys.readouterr()
        assert json.loads(out)["message"] == told
        assert "The config still has other errors:\n  ! gateway.port: Invalid input" in err


def test_a_dry_run_of_what_is_not_there(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.write_config("{}")
    instance = resolve_instance(environ=home.environ, cwd=home.root)
    edits = (Edit(("tools", "allow"), removes=True),)
    code = try_and_say(instance, lambda old: plan_edits(instance, old, edits), edits, "value", as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert (code, report["ok"], report["errors"][0]["kind"]) == (1, False, "missing-path")
