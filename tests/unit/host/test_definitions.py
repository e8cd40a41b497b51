"""Reading services back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clawfleet.host.definitions import Definition, read_unit
from clawfleet.host.unit_templates import read_unit_template
from clawfleet.host.units import UnitLimits, UnitSpec, environment, render_unit
from tests.unit.host.test_units import SPEC

NODE_UNIT = """\
[Unit]
Description=OpenClaw Gateway
[Service]
ExecStart=/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js gateway --port 18820
Environment=HOME=/home/ada OPENCLAW_GATEWAY_PORT=18820
Environment="OPENCLAW_SERVICE_KIND=gateway" 'NOTE=a b'
; Environment=COMMENTED=1
"""


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        replace(SPEC, program="/opt/my 50%/$x/openclaw", state_dir="/srv/a b%", arguments=("--allow-unconfigured",)),
        replace(SPEC, scope="system", user="openclaw", env={"NOTE": 'say "hi" \\ 5% $HOME'}),
    ],
)
def test_what_was_written_is_read_back(spec: UnitSpec) -> None:
    """Program, environment, limits: paths with blanks, `%` and `$` too."""
    found = read_unit(render_unit(read_unit_template(spec.scope), spec))
    assert found.command == spec.command
    assert found.environment == environment(spec)
    assert found.limits == spec.limits
    assert found.user == spec.user
    assert (found.port, found.port_source) == (spec.port, "service args")
    assert found.state_dir("/nowhere") == spec.state_dir
    assert found.is_gateway


def test_the_originals_unit_is_understood() -> None:
    found = read_unit(NODE_UNIT)
    assert found.program == "/usr/bin/node"
    assert found.port == 18820
    assert found.environment["NOTE"] == "a b"
    assert "COMMENTED" not in found.environment
    assert found.state_dir("/x") == "/home/ada/.openclaw"
    assert found.config_path("/x") == "/home/ada/.openclaw/openclaw.json"
    assert found.is_gateway
    assert found.limits == UnitLimits(hardening="none")


def test_drop_ins_add_and_reset() -> None:
    dropin = "[Service]\nEnvironment=OPENCLAW_GATEWAY_PORT=1\nExecStart=\nExecStart=/bin/other \\\n  gateway\n"
    found = read_unit(NODE_UNIT, dropin)
    assert found.command == ("/bin/other", "gateway")
    assert (found.port, found.port_source) == (1, "service env")


def test_a_profile_names_the_state_dir() -> None:
    found = Definition(environment={"OPENCLAW_PROFILE": "ops", "OPENCLAW_HOME": "/srv"})
    assert found.state_dir("/home/ada") == "/srv/.openclaw-ops"
    assert Definition(environment={"OPENCLAW_PROFILE": "Default"}).profile == ""


@pytest.mark.parametrize("text", ["", "[Service]\nExecStart='unclosed\n", "ExecStart=/outside/of/a/section\n"])
def test_nonsense_says_nothing(text: str) -> None:
    found = read_unit(text)
    assert (found.command, found.program, found.port, found.is_gateway) == ((), "", None, False)


def test_other_services_are_no_gateways() -> None:
    assert not Definition(("/usr/bin/nginx", "gateway")).is_gateway
    assert Definition(("/usr/bin/clawdbot", "gateway")).is_gateway
    assert not Definition(("openclaw", "gateway"), {"OPENCLAW_SERVICE_KIND": "node"}).is_gateway
    assert Definition(("x", "--port=19")).port == 19
