"""What was decided is carried out."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.cli import gateway_install, service_door
from clawfleet.cli.context import CliContext
from clawfleet.cli.setup_answers import Answers, CustomProvider
from clawfleet.cli.setup_apply import apply, auth_mode, source_of
from clawfleet.host.lifecycle import Outcome
from tests.unit.cli.conftest import Home


def test_everything_is_on_disk_afterwards(home: Home) -> None:
    cli = CliContext(environ=home.environ, cwd=home.root)
    assert source_of(cli) == {}
    answers = Answers(port=1234, custom=CustomProvider("https://x.example/v1", "m", "sk-12345678"))
    done = apply(cli, answers)
    assert (done.port, done.bind, done.auth_mode, done.model) == (1234, "loopback", "token", "custom-x-example/m")
    assert done.model_problem is None
    assert done.workspace.is_dir()
    assert Path(home.state_dir / ".env").stat().st_mode & 0o777 == 0o600
    assert "sk-12345678" not in home.config_path.read_text()
    assert not apply(cli, answers).config_changed


def test_the_service_is_registered_when_wanted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_door.ServiceDoor, "open", classmethod(lambda cls, cli: cli))
    monkeypatch.setattr(gateway_install.Wish, "fulfil", lambda self, door: Outcome("installed", ("Installed it.",)))
    done = apply(CliContext(environ=home.environ, cwd=home.root), Answers(), installs=True)
    assert done.service_lines == ("Installed it.",)


def test_a_password_alone_is_the_way_in(home: Home) -> None:
    home.write_config('{"gateway": {"auth": {"password": "p4ssword"}}}')
    assert auth_mode(CliContext(environ=home.environ, cwd=home.root).snapshot) == "password"
