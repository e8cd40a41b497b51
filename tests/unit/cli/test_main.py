"""The front of the command line: every outcome has its exit code, and nobody sees a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from clawfleet import __version__
from clawfleet.cli.context import CliContext
from clawfleet.cli.main import FAMILIES, UNSUPPORTED, cli
from tests.unit.cli.conftest import OpenClaw


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `openclaw health` fail in a way that nobody foresaw."""
    nothing: dict[str, object] = {}
    monkeypatch.setattr("clawfleet.cli.health.open_gateway", lambda *_: nothing["missing"])


def test_version_names_openclaw_first(openclaw: OpenClaw) -> None:
    result = openclaw("--version")
    assert result.output == f"OpenClaw {__version__} (clawfleet)\n"
    assert result.exit_code == 0


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_without_a_command_the_families_are_listed(openclaw: OpenClaw, args: list[str]) -> None:
    result = openclaw(*args)
    assert result.exit_code == 0
    for name in FAMILIES:
        assert f"  {name} " in result.stdout


def test_a_family_is_a_module_with_a_command() -> None:
    """Families of other rooms are held to the same form by this one test."""
    for name, entry in FAMILIES.items():
        assert isinstance(import_module(entry.module).command, click.Command), name


def test_no_family_is_called_unsupported() -> None:
    assert not UNSUPPORTED & FAMILIES.keys()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["tui"], "openclaw tui: not supported by this gateway"),
        (["gateway", "discover"], "openclaw gateway discover: not supported by this gateway"),
        (["statsu"], "unknown command: openclaw statsu"),
        (["--profile"], "--profile requires a value"),
        (["health", "--nope"], "No such option"),
        (["gateway", "call"], "Missing argument"),
    ],
)
def test_a_line_that_cannot_be_run_exits_2(openclaw: OpenClaw, args: list[str], message: str) -> None:
    result = openclaw(*args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_with_json_a_usage_error_is_also_a_document(openclaw: OpenClaw) -> None:
    result = openclaw("health", "--nope", "--json")
    error = json.loads(result.stdout)["error"]
    assert (error["type"], error["code"]) == ("cli_error", "USAGE")


def test_a_bug_is_told_without_a_traceback_and_kept_in_a_private_file(openclaw: OpenClaw, broken: None) -> None:
    result = openclaw("health")
    assert result.exit_code == 1
    match = re.search(r"internal error \(KeyError\); see (\S+)", result.stderr)
    assert match
    file = Path(match[1])
    assert "KeyError: 'missing'" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    file.unlink()


def test_ctrl_c_is_quiet(openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("clawfleet.cli.health.open_gateway", interrupt)
    result = openclaw("health")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_the_flags_reach_the_context_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def look(context: CliContext, *_: object) -> None:
        seen["profile"] = context.profile
        raise KeyboardInterrupt

    monkeypatch.setattr("clawfleet.cli.health.open_gateway", look)
    CliRunner().invoke(cli, ["health", "--profile", "ops"])
    assert seen == {"profile": "ops"}


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path) -> None:
    """`openclaw status | head -1` in a script with pipefail."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "clawfleet", "config", "schema"]
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, env=environ, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=30, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_mends_a_failure_means_the_same_instance(tmp_path: Path) -> None:
    context = CliContext(profile="ops", environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    done = CliRunner().invoke(cli, ["health"], obj=context)
    assert "openclaw --profile ops gateway run" in done.stderr
    assert CliContext(dev=True).flags == "--dev"
