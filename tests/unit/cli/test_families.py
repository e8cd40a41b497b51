"""Commands by table: imported when typed, unknown ones answered with the nearest name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from clawfleet.cli.families import Family, Lazy, NotSupported, UnknownCommand

MODULE = """
import click


@click.command()
@click.option("--loud", is_flag=True)
def command(loud):
    click.echo("ran loudly" if loud else "ran")
"""


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Family:
    (tmp_path / "family_under_test.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "family_under_test", raising=False)
    table = {"run": Lazy("family_under_test", "Run it."), "walk": Lazy("no_such_module", "Never imported.")}
    return Family(name="top", table=table, unsupported=frozenset({"fly"}), default="run")


def test_help_lists_all_commands_and_imports_none(family: Family) -> None:
    result = CliRunner().invoke(family, ["--help"])
    assert result.exit_code == 0
    assert "Run it." in result.output
    assert "Never imported." in result.output
    assert "family_under_test" not in sys.modules


@pytest.mark.parametrize(("args", "output"), [([], "ran\n"), (["--loud"], "ran loudly\n"), (["run"], "ran\n")])
def test_the_default_command_runs_when_none_is_typed(family: Family, args: list[str], output: str) -> None:
    assert CliRunner().invoke(family, args).output == output


def test_a_typo_is_answered_with_the_nearest_command(family: Family) -> None:
    result = CliRunner().invoke(family, ["rum"])
    assert isinstance(result.exception, UnknownCommand)
    assert result.exception.hint == "did you mean `top run`?"
    assert result.exception.exit_code == 2


def test_a_word_like_nothing_is_answered_with_the_help(family: Family) -> None:
    result = CliRunner().invoke(family, ["xyzzy"])
    assert isinstance(result.exception, UnknownCommand)
    assert result.exception.hint == "see `top --help`"


def test_a_command_that_openclaw_has_and_we_have_not_is_said_so(family: Family) -> None:
    result = CliRunner().invoke(family, ["fly"])
    assert isinstance(result.exception, NotSupported)
    assert str(result.exception) == "top fly: not supported by this gateway"
    assert result.exception.exit_code == 2


def test_a_module_without_a_command_is_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "family_without_command.py").write_text("command = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    result = CliRunner().invoke(Family(name="top", table={"x": Lazy("family_without_command", "")}), ["x"])
    assert isinstance(result.exception, TypeError)


def test_version_imports_nothing_heavy() -> None:
    """What makes the command slow must stay out of its first steps."""
    code = (
        "import sys\n"
        "from clawfleet.cli.main import cli\n"
        "try:\n    cli.main(['--version'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pydantic', 'aiohttp', 'websockets', 'rich', 'fastapi', 'docker', 'telegram', 'pyjson5', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stdout.startswith("OpenClaw ")
