"""What `status --all` adds: each check once, nothing secret, nothing changed."""

from __future__ import annotations

import json
from pathlib import Path

from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.checks.table import CHECKS
from clawfleet.cli.context import CliContext
from clawfleet.cli.diagnosis import audit_lines, diagnosis_lines, log_lines
from tests.unit.cli.conftest import Home, OpenClaw


def test_every_check_is_told_once_and_only_looks(home: Home) -> None:
    text = '{gateway: {mode: "local", auth: {token: "short-secret"}}}'
    home.write_config(text)
    home.config_path.chmod(0o644)
    lines = list(diagnosis_lines(Scene(CliContext(environ=home.environ, cwd=home.root))))
    quiet = [line for line in lines if line.startswith("✓ ")]
    told = [line for line in lines if line.startswith(("✗ ", "! ", "· "))]
    quick = [check for check in CHECKS if not check.is_deep]
    assert len(quiet) + len({line.split()[1] for line in told}) >= len(quick)
    assert any("gateway.token_too_short" in line for line in told)
    assert lines[-1].endswith("openclaw doctor --fix")
    assert "short-secret" not in "\n".join(lines)
    assert home.config_path.read_text() == text
    assert home.config_path.stat().st_mode & 0o777 == 0o644


def test_checks_that_need_a_config_say_that_they_did_not_look(home: Home) -> None:
    home.write_config("{")
    lines = list(diagnosis_lines(Scene(CliContext(environ=home.environ, cwd=home.root))))
    assert "- models/defaults: not looked at" in lines


def test_openings_are_summed_up(home: Home) -> None:
    home.write_config('{gateway: {mode: "local", auth: {mode: "none"}}}')
    lines = list(audit_lines(Scene(CliContext(environ=home.environ, cwd=home.root))))
    assert lines[0].startswith("Security audit · Summary: 0 critical")
    assert any("gateway.loopback_no_auth" in line for line in lines)


def test_the_end_of_the_log_without_secrets(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("".join(f"line {number}\n" for number in range(9)) + "Bearer abcdefghijkl\n")
    lines = list(log_lines(file))
    assert lines[0] == "Log file, last 5 lines"
    assert lines[-2:] == ["line 8", "Bearer ***"]
    assert list(log_lines(tmp_path / "gone")) == []


def test_the_page_has_it_all_when_asked(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local"}}')
    assert "Diagnosis (read-only)" in openclaw("status", "--all", OPENCLAW_GATEWAY_PORT="1").stdout
    assert "Security audit" in openclaw("status", "--deep", OPENCLAW_GATEWAY_PORT="1").stdout
    document = json.loads(openclaw("status", "--all", "--json", OPENCLAW_GATEWAY_PORT="1").stdout)
    assert document["diagnosis"]["checksRun"] > len(CHECKS) / 2
    assert "diagnosis" not in json.loads(openclaw("status", "--json", OPENCLAW_GATEWAY_PORT="1").stdout)
