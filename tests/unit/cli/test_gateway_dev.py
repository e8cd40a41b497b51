"""`gateway run --dev --reset`."""

from __future__ import annotations

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.gateway_dev import CannotReset, make_config, reset
from clawfleet.config.env import Instance
from clawfleet.core.errors import RequestError
from clawfleet.host.lock import GatewayRunning, StateLock
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture
def dev(home: Home) -> Instance:
    """The dev instance with something in it."""
    instance = CliContext(dev=True, environ=home.environ, cwd=home.root).instance
    make_config(instance)
    instance.store_dir.mkdir()
    (instance.store_dir / "gateway.sqlite").write_text("sessions")
    instance.workspace.mkdir(parents=True)
    return instance


def test_a_config_is_written_once(home: Home) -> None:
    instance = CliContext(dev=True, environ=home.environ, cwd=home.root).instance
    assert make_config(instance)
    assert instance.config_path.stat().st_mode & 0o777 == 0o600
    assert not make_config(instance)


def test_reset_sets_everything_aside_and_deletes_nothing(dev: Instance) -> None:
    lines = list(reset(dev))
    assert len(lines) == 3
    (aside,) = dev.state_dir.iterdir()
    assert sorted(path.name for path in aside.iterdir()) == ["clawfleet", "openclaw.json", "workspace-dev"]
    assert (aside / "clawfleet" / "gateway.sqlite").read_text() == "sessions"
    assert list(reset(dev)) == []


def test_a_running_instance_is_left_alone(dev: Instance) -> None:
    lock = StateLock.acquire(dev.store_dir, port=1, config_path=dev.config_path)
    with pytest.raises(GatewayRunning):
        list(reset(dev))
    lock.release()
    assert dev.config_path.exists()


def test_what_cannot_be_moved_is_named(dev: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    with pytest.raises(CannotReset, match=r"openclaw\.json aside: Permission denied"):
        list(reset(dev))


def test_no_other_instance_is_emptied(home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{"gateway": {"mode": "local"}}')
    with pytest.raises(RequestError):
        list(reset(CliContext(environ=home.environ, cwd=home.root).instance))
    for flags in (["--reset"], ["--dev", "--reset"]):
        result = openclaw("gateway", "run", *flags)
        assert result.exit_code == 2
        assert "openclaw --dev gateway run --dev --reset" in result.stderr
    assert home.config_path.exists()
