"""What an instance's service should look like."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.service_spec import is_ours, keeping, owner_of, program, spec_of, with_wrapper
from clawfleet.host.definitions import Definition
from clawfleet.host.units import UnitLimits, UnitSpec
from tests.support.fake_service import FakeDaemon
from tests.unit.cli.conftest import Home


@pytest.fixture
def service(home: Home) -> FakeDaemon:
    return FakeDaemon(home.root / "openclaw-gateway.service", home.store_dir)


def spec(home: Home, service: FakeDaemon, written: Definition | None = None, **environ: str) -> UnitSpec:
    context = CliContext(environ=home.environ | environ, cwd=home.root)
    return spec_of(context.instance, context.snapshot, service, written)


def test_it_names_everything_that_makes_the_instance(home: Home, service: FakeDaemon) -> None:
    found = spec(home, service, OPENCLAW_PROFILE="ops", OPENCLAW_STATE_DIR=f"{home.root}/srv")
    assert (found.profile, found.state_dir) == ("ops", f"{home.root}/srv")
    assert found.config_path == f"{home.root}/srv/openclaw.json"
    assert found.port == 55291
    assert found.home == str(home.root)
    assert found.limits.stop_timeout_s == service.stop_timeout_s


def test_settings_are_handed_on_and_secrets_are_not(home: Home, service: FakeDaemon) -> None:
    found = spec(
        home, service, OPENCLAW_INCLUDE_ROOTS="/etc/x", OPENCLAW_GATEWAY_TOKEN="hunter2", OPENAI_API_KEY="hunter2"
    )
    assert found.env == {"OPENCLAW_INCLUDE_ROOTS": "/etc/x"}


def test_what_people_changed_in_ours_stays(home: Home, service: FakeDaemon) -> None:
    written = Definition(
        ("/opt/openclaw", "gateway", "--port", "1", "--allow-unconfigured"),
        {"HOME": "/old", "HTTP_PROXY": "p", "MY_API_KEY": "hunter2", "OPENCLAW_SYSTEMD_UNIT": "x"},
        limits=UnitLimits(memory_max="2G"),
    )
    found = spec(home, service, written)
    assert found.limits.memory_max == "2G"
    assert found.arguments == ("--allow-unconfigured",)
    assert found.env == {"HTTP_PROXY": "p"}
    assert found.program == str(program())


def test_nothing_is_taken_from_the_originals(home: Home, service: FakeDaemon) -> None:
    node = Definition(("/usr/bin/node", "/x/index.js", "gateway", "--port", "1"), {"HTTP_PROXY": "p"})
    assert not is_ours(node)
    assert spec(home, service, node).env == {}


def test_only_an_install_moves_a_service_to_another_program(home: Home, service: FakeDaemon) -> None:
    found = spec(home, service)
    there = Definition(("/bin/sh", "gateway"))
    assert keeping(found, there).program == "/bin/sh"
    assert keeping(found, Definition(("/gone/openclaw", "gateway"))).program == found.program


def test_a_wrapper_is_remembered(home: Home, service: FakeDaemon) -> None:
    found = with_wrapper(spec(home, service), "/opt/wrap")
    assert (found.program, found.env["OPENCLAW_WRAPPER"]) == ("/opt/wrap", "/opt/wrap")


def test_a_service_of_the_system_runs_as_the_owner(home: Home, service: FakeDaemon) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    assert owner_of(CliContext(environ=home.environ).instance) == me
    assert spec(home, replace(service, scope="system")).user == me
    assert not spec(home, replace(service, scope="system")).is_deployed


def test_the_program_is_this_installations() -> None:
    assert program().name == "openclaw"
    assert program().is_absolute()
    assert Path(program()).exists()
