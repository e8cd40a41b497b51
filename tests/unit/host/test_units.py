"""The text of systemd units."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from clawfleet.host.unit_templates import read_unit_template
from clawfleet.host.units import (
    UnitLimits,
    UnitSpec,
    UnitTextError,
    environment,
    own_unit,
    render_unit,
    template_name,
)

SPEC = UnitSpec(
    unit="openclaw-gateway-ops.service",
    scope="user",
    profile="ops",
    port=18909,
    program="/opt/clawfleet/instances/ops/current/bin/openclaw",
    home="/home/openclaw",
    state_dir="/home/openclaw/.openclaw-ops",
    config_path="/home/openclaw/.openclaw-ops/openclaw.json",
    limits=UnitLimits(memory_max="512M", cpu_quota="200%", tasks_max="512", stop_timeout_s=60),
)


def rendered(spec: UnitSpec) -> list[str]:
    return render_unit(read_unit_template(spec.scope), spec).splitlines()


def test_user_unit_has_the_fixed_policy() -> None:
    """Lines that service tools and people look for."""
    lines = rendered(SPEC)
    for line in (
        "Description=OpenClaw Gateway (profile: ops)",
        "ExecStart=/opt/clawfleet/instances/ops/current/bin/openclaw gateway --port 18909",
        "WorkingDirectory=/home/openclaw/.openclaw-ops",
        "Type=notify",
        "Restart=always",
        "RestartPreventExitStatus=78",
        "TimeoutStopSec=60",
        "Environment=OPENCLAW_STOP_TIMEOUT_S=60",
        "Environment=OPENCLAW_SERVICE_MARKER=openclaw",
        "Environment=OPENCLAW_SERVICE_KIND=gateway",
        "Environment=OPENCLAW_SYSTEMD_UNIT=openclaw-gateway-ops.service",
        "Environment=OPENCLAW_PROFILE=ops",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "MemoryMax=512M",
        "CPUQuota=200%",
        "WantedBy=default.target",
    ):
        assert line in lines
    assert not any(line.startswith(("User=", "EnvironmentFile=")) for line in lines)


def test_system_unit_runs_as_its_user_at_boot() -> None:
    """It needs `User=`, and doctor leaves it alone."""
    lines = rendered(replace(SPEC, scope="system", user="openclaw", profile="", unit="openclaw-gateway.service"))
    assert "User=openclaw" in lines
    assert "WantedBy=multi-user.target" in lines
    assert "Description=OpenClaw Gateway" in lines
    assert "Environment=OPENCLAW_SERVICE_REPAIR_POLICY=external" in lines
    assert not any("OPENCLAW_PROFILE" in line for line in lines)


def test_specifiers_quotes_and_variables_reach_the_program_as_written() -> None:
    """`%` is doubled everywhere, `$` in the command, quotes and backslashes are escaped where quoted."""
    lines = rendered(
        replace(SPEC, program="/opt/my 50%/$x/openclaw", state_dir="/srv/a b%", env={"NOTE": 'say "hi" \\ 5% $HOME'})
    )
    assert 'ExecStart="/opt/my 50%%/$$x/openclaw" gateway --port 18909' in lines
    assert "WorkingDirectory=/srv/a b%%" in lines
    assert 'Environment="NOTE=say \\"hi\\" \\\\ 5%% $HOME"' in lines


@pytest.mark.parametrize(
    "change",
    [
        {"state_dir": "/a\nExecStartPre=/bin/evil"},
        {"program": "/a\rb"},
        {"env": {"A": "x\ny"}},
        {"profile": "a\nb"},
        {"program": "openclaw"},
        {"state_dir": "~/.openclaw"},
    ],
)
def test_what_would_break_out_of_its_line_is_refused(change: dict[str, object]) -> None:
    """A value can never add a directive."""
    with pytest.raises(UnitTextError):
        rendered(replace(SPEC, **change))  # type: ignore[arg-type]


def test_a_template_of_another_version_is_refused() -> None:
    """A placeholder without value, or a value without place, is an error and not an empty line."""
    with pytest.raises(UnitTextError, match="memory_max"):
        render_unit(read_unit_template("user").replace("{{memory_max}}", "1G"), SPEC)
    with pytest.raises(UnitTextError, match="extra"):
        render_unit(read_unit_template("user") + "{{extra}}", SPEC)


def test_the_callers_variables_come_last_and_sorted() -> None:
    """The same input always gives the same text."""
    names = list(environment(replace(SPEC, env={"B": "2", "A": "1"})))
    assert names[-2:] == ["A", "B"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("scope", ["user", "system"])
def test_systemd_accepts_the_unit(scope: Literal["user", "system"], tmp_path: Path) -> None:
    """No unknown directive, no bad value."""
    program = shutil.which("true") or "/bin/true"
    spec = replace(SPEC, scope=scope, user="daemon", program=program, state_dir=str(tmp_path), env={"X": 'a "b" %'})
    path = tmp_path / spec.unit
    path.write_text(render_unit(read_unit_template(scope), spec))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(["--user"] if scope == "user" else []), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if spec.unit in line]
    assert complaints == []


def test_template_names_follow_the_scope() -> None:
    """One file per scope."""
    assert template_name("user") == "openclaw-gateway.user.service"


def test_a_process_knows_the_unit_that_started_it() -> None:
    unit = {"OPENCLAW_SYSTEMD_UNIT": "openclaw-gateway.service"}
    assert own_unit(unit | {"OPENCLAW_SERVICE_MARKER": "openclaw"}) == "openclaw-gateway.service"
    assert own_unit(unit) is None
    assert own_unit({"OPENCLAW_SERVICE_MARKER": "openclaw"}) is None
    label = {"OPENCLAW_SERVICE_MARKER": "openclaw", "OPENCLAW_LAUNCHD_LABEL": "ai.openclaw.gateway"}
    assert own_unit(label) == "ai.openclaw.gateway"


def test_a_shell_below_a_service_is_not_the_service() -> None:
    """What an agent of a service starts has the same variables; systemd names the one process that it started."""
    environ = {
        "OPENCLAW_SYSTEMD_UNIT": "openclaw-gateway.service",
        "OPENCLAW_SERVICE_MARKER": "openclaw",
        "SYSTEMD_EXEC_PID": "7",
    }
    assert own_unit(environ, 7) == "openclaw-gateway.service"
    assert own_unit(environ, 8) is None


def test_a_system_unit_of_this_hosts_own_may_be_written_anew() -> None:
    spec = replace(SPEC, scope="system", user="openclaw", is_deployed=False)
    assert "OPENCLAW_SERVICE_REPAIR_POLICY" not in environment(spec)


def test_arguments_come_after_the_port() -> None:
    lines = rendered(replace(SPEC, arguments=("--allow-unconfigured",)))
    assert f"ExecStart={SPEC.program} gateway --port 18909 --allow-unconfigured" in lines


def test_units_are_hardened() -> None:
    lines = rendered(replace(SPEC, scope="system", user="openclaw"))
    for line in ("ProtectSystem=full", "ProtectKernelModules=yes", "RestrictSUIDSGID=yes"):
        assert line in lines
    assert "SystemCallArchitectures=native" in rendered(SPEC)


def test_a_strict_unit_names_its_places_once_and_quoted() -> None:
    """What lies in another one needs no mention; nobody writes to /etc."""
    spec = replace(
        SPEC, scope="system", user="ada", state_dir="/srv/my 5% dir", config_path="/etc/openclaw.json",
        writable=("/srv/my 5% dir/workspace", "/srv/work"), limits=UnitLimits(hardening="strict"),
    )  # fmt: skip
    assert 'ReadWritePaths="-/srv/my 5%% dir" -/srv/work' in rendered(spec)


def test_without_hardening_the_unit_is_as_permissive_as_a_shell() -> None:
    assert not [line for line in rendered(replace(SPEC, limits=UnitLimits(hardening="none"))) if "Restrict" in line]
