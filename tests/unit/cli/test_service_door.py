"""What the service verbs share."""

from __future__ import annotations

import pwd

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.service_door import ServiceDoor, context_of_owner
from clawfleet.host.services import ServiceTaken
from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.cli.service_door.os.geteuid", lambda: 0)


def state_dir(**environ: str) -> str:
    context = CliContext(environ={"HOME": "/root", **environ})
    return str(context_of_owner(context).instance.state_dir)


@pytest.mark.usefixtures("root")
def test_who_types_sudo_means_the_own_gateway() -> None:
    """Not a new one in root's home."""
    home = pwd.getpwnam("daemon").pw_dir
    assert state_dir(SUDO_USER="daemon") == f"{home}/.openclaw"
    assert state_dir(SUDO_USER="root") == "/root/.openclaw"
    assert state_dir() == "/root/.openclaw"
    assert state_dir(SUDO_USER="nobody-of-this-name") == "/root/.openclaw"
    assert state_dir(SUDO_USER="daemon", OPENCLAW_STATE_DIR="/srv/x") == "/srv/x"


def test_without_root_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.cli.service_door.os.geteuid", lambda: 1000)
    assert state_dir(SUDO_USER="daemon") == "/root/.openclaw"


def test_the_file_that_the_config_wants(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    context = CliContext(environ=home.environ, cwd=home.root)
    assert ServiceDoor(context, service).wanted() is None
    openclaw("gateway", "install", "--port", str(free_port()))
    assert ServiceDoor(CliContext(environ=home.environ, cwd=home.root), service).wanted() == service.file.read_bytes()
    home.write_config("{ broken")
    assert ServiceDoor(CliContext(environ=home.environ, cwd=home.root), service).wanted() is None


def test_a_service_in_the_other_scope_is_named(
    home: Home, service: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServiceTaken, match="a service of its user already"):
        ServiceDoor.open(CliContext(environ=home.environ, cwd=home.root), "system")
    monkeypatch.setattr("clawfleet.cli.service_door.os.geteuid", lambda: 0)
    with pytest.raises(ServiceTaken, match="not of root") as caught:
        ServiceDoor.open(CliContext(environ=home.environ | {"SUDO_USER": "daemon"}, cwd=home.root))
    assert caught.value.hint == "the same without sudo"
