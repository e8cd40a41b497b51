"""The scripts hold the whole tree, and the shells that are here complete with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from clawfleet.cli.completion_scripts import Shell, script, tree


@click.group()
@click.option("--no-color", is_flag=True, help="Plain text; it's plain.")
def top() -> None:
    pass


@top.group()
def gateway() -> None:
    """The gateway."""


@gateway.command()
@click.option("--port", type=int, help="A port: 1 to 65535.")
@click.option("--auth", type=click.Choice(["token", "none"]), help="How.")
@click.option("--secret-flag", hidden=True)
def run() -> None:
    """Run it."""


@top.command(hidden=True)
def ghost() -> None:
    pass


WORDS = tree(top)


def test_the_tree_has_every_place_and_nothing_hidden() -> None:
    assert set(WORDS) == {"", "gateway", "gateway run"}
    assert [name for name, _ in WORDS[""].commands] == ["gateway"]
    assert [name for name, _ in WORDS[""].flags][:3] == ["--profile", "--dev", "--no-color"]
    assert [name for name, _ in WORDS["gateway run"].flags] == ["--port", "--auth", "--help"]
    assert WORDS["gateway run"].values == {"--auth": ("token", "none")}


LINES = [
    (["openclaw", ""], ["gateway"]),
    (["openclaw", "gateway", ""], ["run"]),
    (["openclaw", "--profile", "gateway", "ga"], ["gateway"]),
    (["openclaw", "gateway", "run", "--au"], ["--auth"]),
    (["openclaw", "gateway", "run", "--auth", ""], ["token", "none"]),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_bash_completes(tmp_path: Path, line: list[str], expected: list[str]) -> None:
    file = tmp_path / "s"
    file.write_text(script("bash", WORDS))
    act = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _openclaw; printf "%s\\n" "${COMPREPLY[@]}"'
    assert _run("bash", "-c", act, str(file), *line).split() == expected


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_fish_completes(tmp_path: Path, line: list[str], expected: list[str]) -> None:
    if not shutil.which("fish"):
        pytest.skip("needs fish")
    file = tmp_path / "s"
    file.write_text(script("fish", WORDS))
    typed = _run("fish", "-c", f"source {file}; complete -C '{' '.join(line)}'", HOME=str(tmp_path))
    assert sorted(row.split("\t")[0] for row in typed.splitlines()) == sorted(expected)


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_zsh_completes(tmp_path: Path, line: list[str], expected: list[str]) -> None:
    if not shutil.which("zsh"):
        pytest.skip("needs zsh")
    file = tmp_path / "s"
    file.write_text(script("zsh", WORDS))
    stubs = "compadd() { print -l -- $values }; _files() { : }"
    stubs += "; _describe() { [[ $1 == -o ]] && shift; print -l -- ${(P)2} }"
    act = f'compdef() {{ : }}; source {file}; {stubs}; words=("$@"); CURRENT=$#; _openclaw'
    offered = [row.split(":")[0] for row in _run("zsh", "-f", "-c", act, "zsh", *line).splitlines()]
    assert [word for word in offered if word.startswith(line[-1])] == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_help_texts_cannot_break_out_of_the_script(shell: Shell) -> None:
    assert "it's" not in script(shell, WORDS)


def _run(*command: str, **environ: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, env={"PATH": "/usr/bin:/bin", **environ}
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout
