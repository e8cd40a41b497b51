"""The property lists of launchd jobs."""

from __future__ import annotations

import plistlib
from dataclasses import replace

import pytest

from clawfleet.host.plists import read_plist, render_plist
from clawfleet.host.unit_templates import read_plist_template
from clawfleet.host.units import UnitLimits, UnitTextError
from tests.unit.host.test_units import SPEC

AGENT = replace(
    SPEC, unit="ai.openclaw.ops", program="/Users/a & b/<openclaw>", limits=UnitLimits(stop_timeout_s=20), profile="ops"
)
LOG = "/Users/ada/Library/Logs/openclaw/gateway-ops.log"


def rendered(spec: object = AGENT) -> dict[str, object]:
    assert isinstance(spec, type(AGENT))
    table: dict[str, object] = plistlib.loads(render_plist(read_plist_template(spec.scope), spec, LOG))
    return table


def test_an_agent_has_the_keys_that_people_look_for() -> None:
    table = rendered()
    assert table["Label"] == "ai.openclaw.ops"
    assert table["Comment"] == "OpenClaw Gateway (profile: ops)"
    assert table["ProgramArguments"] == ["/Users/a & b/<openclaw>", "gateway", "--port", "18909"]
    assert (table["RunAtLoad"], table["KeepAlive"], table["ProcessType"]) == (True, True, "Interactive")
    assert (table["ExitTimeOut"], table["ThrottleInterval"], table["Umask"]) == (20, 10, 0o77)
    assert table["StandardInPath"] == "/dev/null"
    assert table["StandardOutPath"] == LOG
    assert table["StandardErrorPath"] == LOG.replace(".log", ".err.log")
    variables = table["EnvironmentVariables"]
    assert isinstance(variables, dict)
    assert variables["OPENCLAW_LAUNCHD_LABEL"] == "ai.openclaw.ops"
    assert variables["OPENCLAW_STOP_TIMEOUT_S"] == "20"
    assert "OPENCLAW_SYSTEMD_UNIT" not in variables
    assert "UserName" not in table


def test_a_daemon_runs_as_its_user() -> None:
    assert rendered(replace(AGENT, scope="system", user="ada"))["UserName"] == "ada"


def test_what_was_written_is_read_back() -> None:
    found = read_plist(render_plist(read_plist_template("user"), AGENT, LOG))
    assert found.command == AGENT.command
    assert found.port == 18909
    assert found.state_dir("/x") == AGENT.state_dir
    assert found.limits.stop_timeout_s == 20


@pytest.mark.parametrize("data", [b"", b"{ }", b"<plist><dict><key>a</key></dict></plist>", plistlib.dumps(["list"])])
def test_what_is_no_job_is_refused(data: bytes) -> None:
    with pytest.raises(UnitTextError):
        read_plist(data)


def test_control_characters_are_refused() -> None:
    with pytest.raises(UnitTextError):
        rendered(replace(AGENT, env={"A": "x\ny"}))
