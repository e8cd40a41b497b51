"""Root flags and what a command is handed."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.cli.context import CliContext, RootFlags, StateDirUnusable, check_state_dir, take_root_flags
from clawfleet.core.errors import ConfigError, RequestError
from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.mark.parametrize(
    ("line", "flags", "rest"),
    [
        (["status"], RootFlags(), ["status"]),
        (["--profile", "ops", "status"], RootFlags("ops"), ["status"]),
        (["config", "--profile", "ops", "file"], RootFlags("ops"), ["config", "file"]),
        (["config", "file", "--profile=ops"], RootFlags("ops"), ["config", "file"]),
        (["--dev", "gateway"], RootFlags(dev=True), ["gateway"]),
        (["gateway", "--dev"], RootFlags(), ["gateway", "--dev"]),
        (["logs", "--no-color"], RootFlags(no_color=True), ["logs"]),
        (["config", "set", "--", "--profile", "x"], RootFlags(), ["config", "set", "--", "--profile", "x"]),
        ([], RootFlags(), []),
    ],
)
def test_root_flags_are_taken_wherever_they_stand(line: list[str], flags: RootFlags, rest: list[str]) -> None:
    assert take_root_flags(line) == (flags, rest)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["--profile"], "--profile requires a value"),
        (["--profile=", "status"], "--profile requires a value"),
        (["--profile", "--json"], "--profile requires a value"),
        (["--dev", "--profile", "x"], "Cannot combine --dev with --profile"),
    ],
)
def test_root_flags_that_make_no_sense_are_usage_errors(line: list[str], message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        take_root_flags(line)
    assert caught.value.exit_code == 2


def test_the_instance_follows_the_profile(tmp_path: Path) -> None:
    context = CliContext(profile="ops", environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    assert context.instance.state_dir == tmp_path / ".openclaw-ops"
    assert context.instance is context.instance


def test_a_state_dir_that_is_none_is_told_with_path_reason_and_mend(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for place, why in ((file, "it is not a directory"), (file / "below", "Not a directory")):
        context = CliContext(environ={"HOME": str(tmp_path), "OPENCLAW_STATE_DIR": str(place)}, cwd=tmp_path)
        with pytest.raises(StateDirUnusable, match=f"cannot use the state dir {place}: {why}") as caught:
            _ = context.instance
        assert caught.value.exit_code == 78
        assert "OPENCLAW_STATE_DIR" in str(caught.value.hint)


def test_a_state_dir_of_another_user_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # the tests may run as root, who may look everywhere
    with pytest.raises(StateDirUnusable, match="you may not look into it"):
        check_state_dir(tmp_path)


def test_a_state_dir_that_is_not_there_yet_is_fine(tmp_path: Path) -> None:
    check_state_dir(tmp_path / "a" / "b")


def test_a_broken_config_is_an_error_for_those_who_need_it_and_a_fact_for_the_others(home: Home) -> None:
    home.write_config('{"gateway": {"port": "many"}}')
    context = CliContext(environ=home.environ, cwd=home.root)
    with pytest.raises(ConfigError):
        _ = context.snapshot
    snapshot, error = context.snapshot_or_error
    assert snapshot is None
    assert error is not None
    assert error.exit_code == 78


def test_a_good_config_comes_without_an_error(home: Home) -> None:
    context = CliContext(environ=home.environ, cwd=home.root)
    snapshot, error = context.snapshot_or_error
    assert error is None
    assert snapshot is context.snapshot


@pytest.fixture
def unreadable_env(home: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    """A `.env` in the state dir that this user may not read; what commands say about it."""
    file, read = home.state_dir / ".env", Path.read_text

    def refuse(path: Path, *args: str, **kwargs: str) -> str:
        if path == file:
            raise PermissionError(13, "Permission denied")
        return read(path, *args, **kwargs)

    file.write_text("A=1\n")
    monkeypatch.setattr(Path, "read_text", refuse)
    return f"cannot read {file}: Permission denied"


@pytest.mark.parametrize("line", ["gateway stop", "gateway uninstall", "gateway status", "status", "config file"])
def test_what_needs_no_key_works_without_the_env_file(
    openclaw: OpenClaw, service: FakeDaemon, unreadable_env: str, line: str
) -> None:
    """Above all what ends a gateway, or says why it does not start."""
    result = openclaw(*line.split())
    assert result.exit_code == 0, result.output
    assert unreadable_env in result.output or line.startswith(("gateway stop", "gateway uninstall"))


@pytest.mark.parametrize("line", ["gateway run", "gateway install", "gateway run --dev"])
def test_a_gateway_does_not_start_without_its_keys(
    openclaw: OpenClaw, service: FakeDaemon, home: Home, unreadable_env: str, line: str
) -> None:
    home.write_config("{gateway: {mode: 'local'}}")
    result = openclaw(*line.split())
    assert result.exit_code == 78
    assert unreadable_env in result.stderr
    assert not service.file.exists()


def test_an_installed_service_is_not_started_without_its_keys(
    openclaw: OpenClaw, service: FakeDaemon, home: Home, request: pytest.FixtureRequest
) -> None:
    home.write_config("{gateway: {mode: 'local'}}")
    openclaw("gateway", "install", "--port", str(free_port()))
    openclaw("gateway", "stop", "--force")
    problem = request.getfixturevalue("unreadable_env")
    result = openclaw("gateway", "start")
    assert result.exit_code == 1
    assert f"Not started: {problem}" in result.stderr


def test_what_fails_without_the_env_file_says_that_it_was_left_out(openclaw: OpenClaw, unreadable_env: str) -> None:
    result = openclaw("health")
    assert result.exit_code == 1
    assert f"note: {unreadable_env}" in result.stderr
