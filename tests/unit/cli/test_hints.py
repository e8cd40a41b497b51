"""A command that is named in what another one says means the same instance, whatever was typed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import clawfleet.cli
from clawfleet.cli.context import CliContext
from clawfleet.cli.main import cli
from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home

BARE = re.compile(r"(?<![\w/.-])openclaw (?=[a-z])")
LINES = """
status
status --all
health
config get gateway.port
config get gateway.prot
config validate
config set gateway.nope 1
channels list
channels status
channels add --channel telegram
channels add --channel telegram --token-file nowhere
devices list
devices approve
models status
models list
models scan
models set nobody/nothing
gateway status
gateway probe
gateway health
gateway start
gateway install
gateway restart
gateway uninstall
gateway call health
gateway run --bind lan
secrets set SOME_KEY
secrets audit
secrets reload
security audit
doctor
logs
dashboard --no-open
sessions
agents list
agents delete nobody
cron list
backup restore nowhere
pairing approve telegram NOSUCH00
onboard --non-interactive
configure
reset
uninstall
"""


@pytest.mark.parametrize("line", LINES.split("\n")[1:-1])
@pytest.mark.parametrize("config", ["{gateway: {mode: 'local'}}", "{gateway: {prot: 1}}"])
def test_hints_name_the_profile(home: Home, service: FakeDaemon, line: str, config: str) -> None:
    (home.root / ".openclaw-ops").mkdir()
    (home.root / ".openclaw-ops" / "openclaw.json").write_text(config)
    port = str(free_port())  # `gateway start` has a stand-in listen there
    context = CliContext(profile="ops", environ=home.environ | {"OPENCLAW_GATEWAY_PORT": port}, cwd=home.root)
    service.store_dir = context.instance.store_dir
    done = CliRunner().invoke(cli, line.split(), obj=context, input="")
    assert BARE.findall(done.output.partition("Usage:")[0]) == [], done.output


def test_no_line_with_a_command_is_printed_as_it_stands() -> None:
    """`tell` prints it; this one looks at what those lines above do not reach."""
    folder = Path(clawfleet.cli.__file__).parent
    found = []
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "click.echo":
                texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
                if any(isinstance(text, str) and BARE.search(text) for text in texts):
                    found.append(f"{file.name}:{node.lineno}")
    assert found == []
