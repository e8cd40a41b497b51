"""Which instance a command means. Source: config-and-cli §1."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.config import env
from clawfleet.config.env import EnvUnreadable, Instance, gateway_port, reread_env, resolve_instance
from clawfleet.config.models.root import Config
from clawfleet.core.errors import ConfigError, RequestError


def resolve(tmp_path: Path, environ: Mapping[str, str] | None = None, **flags: object) -> Instance:
    """The instance of a process that starts in an empty directory with HOME at `tmp_path`."""
    cwd = tmp_path / "cwd"
    cwd.mkdir(exist_ok=True)
    return resolve_instance(environ={"HOME": str(tmp_path), **(environ or {})}, cwd=cwd, **flags)  # type: ignore[arg-type]


def test_without_anything_it_is_the_default_instance(tmp_path: Path) -> None:
    """~/.openclaw and what is in it."""
    instance = resolve(tmp_path)
    assert instance.profile is None
    assert instance.state_dir == tmp_path / ".openclaw"
    assert instance.config_path == tmp_path / ".openclaw/openclaw.json"
    assert instance.workspace == tmp_path / ".openclaw/workspace"
    assert instance.store_dir == tmp_path / ".openclaw/clawfleet"
    assert instance.warnings == ()


def test_a_profile_moves_state_config_and_workspace(tmp_path: Path) -> None:
    """Each named profile is a place of its own."""
    instance = resolve(tmp_path, profile="ops")
    assert instance.profile == "ops"
    assert instance.config_path == tmp_path / ".openclaw-ops/openclaw.json"
    assert instance.workspace == tmp_path / ".openclaw/workspace-ops"


def test_lines_of_env_files_that_say_nothing_are_told(tmp_path: Path) -> None:
    """By file and line, never with what stands there: it may be a secret. A file of nonsense is told of briefly."""
    here = write(tmp_path / "cwd/.env", "A=1\nBroken s3cret\n")
    state = write(tmp_path / ".openclaw/.env", "=s3cret\n" * 9)
    instance = resolve(tmp_path)
    assert instance.warnings == (
        f"{here}:2: not KEY=value; ignored",
        *(f"{state}:{line}: not KEY=value; ignored" for line in range(1, 6)),
        f"{state}: 4 more lines are not KEY=value; ignored",
    )


def test_the_profile_variable_is_exactly_the_flag(tmp_path: Path) -> None:
    """OPENCLAW_PROFILE moves the state directory too."""
    by_flag, by_variable = resolve(tmp_path, profile="ops"), resolve(tmp_path, {"OPENCLAW_PROFILE": "ops"})
    assert by_variable.state_dir == by_flag.state_dir
    assert by_variable.environ == by_flag.environ


def test_dev_is_the_profile_dev(tmp_path: Path) -> None:
    """--dev before the command."""
    assert resolve(tmp_path, dev=True).state_dir == tmp_path / ".openclaw-dev"


@pytest.mark.parametrize("name", ["default", "Default"])
def test_the_default_profile_is_no_profile(tmp_path: Path, name: str) -> None:
    """Also when the environment names another."""
    instance = resolve(tmp_path, {"OPENCLAW_PROFILE": "ops"}, profile=name)
    assert (instance.profile, instance.state_dir) == (None, tmp_path / ".openclaw")


@pytest.mark.parametrize("name", ["a b", "-x", "../x", "x" * 65, "ä", "a.b"])
def test_a_bad_profile_name_is_refused(tmp_path: Path, name: str) -> None:
    """With OpenClaw's words and exit code 2."""
    with pytest.raises(RequestError) as caught:
        resolve(tmp_path, profile=name)
    assert caught.value.message == '[openclaw] Invalid --profile (use letters, numbers, "_", "-" only)'
    assert caught.value.exit_code == 2


def test_a_bad_profile_variable_is_named_as_such(tmp_path: Path) -> None:
    """Nobody typed a flag."""
    with pytest.raises(RequestError, match="Invalid OPENCLAW_PROFILE"):
        resolve(tmp_path, {"OPENCLAW_PROFILE": "a/b"})


def test_profile_flags_that_exclude_each_other(tmp_path: Path) -> None:
    """Exit code 2 and OpenClaw's words."""
    with pytest.raises(RequestError, match=r"\[openclaw\] Cannot combine --dev with --profile"):
        resolve(tmp_path, profile="x", dev=True)
    with pytest.raises(RequestError, match="--profile requires a value"):
        resolve(tmp_path, profile=" ")


@pytest.mark.parametrize("nothing", ["", "  ", "undefined", "null"])
def test_words_for_nothing_are_unset(tmp_path: Path, nothing: str) -> None:
    """Scripts write them when a variable of theirs is empty."""
    names = ("OPENCLAW_HOME", "OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH", "OPENCLAW_PROFILE")
    assert resolve(tmp_path, dict.fromkeys(names, nothing)).state_dir == tmp_path / ".openclaw"


def test_openclaw_home_comes_before_home(tmp_path: Path) -> None:
    """And `~` in it is the account's HOME."""
    assert resolve(tmp_path, {"OPENCLAW_HOME": "~/apart"}).state_dir == tmp_path / "apart/.openclaw"


def test_without_home_the_account_has_one(tmp_path: Path) -> None:
    """A service manager may start us with an empty environment."""
    instance = resolve_instance(environ={}, cwd=tmp_path)
    assert instance.home == Path(pwd.getpwuid(os.getuid()).pw_dir)


def test_state_dir_and_config_path_pairs_are_instances(tmp_path: Path) -> None:
    """Two gateways by environment share neither log nor workspace."""
    a = resolve(tmp_path, {"OPENCLAW_CONFIG_PATH": "~/.openclaw/a.json", "OPENCLAW_STATE_DIR": "~/.openclaw-a"})
    b = resolve(tmp_path, {"OPENCLAW_CONFIG_PATH": "~/.openclaw/b.json", "OPENCLAW_STATE_DIR": "~/.openclaw-b"})
    assert a.config_path == tmp_path / ".openclaw/a.json"
    assert a.state_dir == tmp_path / ".openclaw-a"
    assert a.workspace == tmp_path / ".openclaw-a/workspace"
    assert len({a.log_file, b.log_file, a.workspace, b.workspace}) == 4


def test_the_state_dir_variable_moves_the_config(tmp_path: Path) -> None:
    """A relative one starts where the command was typed."""
    instance = resolve(tmp_path, {"OPENCLAW_STATE_DIR": "../state"})
    assert instance.config_path == tmp_path / "state/openclaw.json"


def test_an_explicit_state_dir_beats_the_flag_and_says_so(tmp_path: Path) -> None:
    """One warning, since the operator typed something that has no effect."""
    instance = resolve(tmp_path, {"OPENCLAW_STATE_DIR": "/srv/x"}, profile="ops")
    assert instance.state_dir == Path("/srv/x")
    assert instance.warnings == ("OPENCLAW_STATE_DIR=/srv/x wins over the profile ops",)


def test_a_state_dir_inherited_from_another_profile_is_replaced(tmp_path: Path) -> None:
    """A command typed inside the gateway of one profile about another."""
    outer = resolve(tmp_path, profile="main")
    inner = resolve(tmp_path, outer.environ, profile="ops")
    assert inner.state_dir == tmp_path / ".openclaw-ops"
    assert inner.config_path == tmp_path / ".openclaw-ops/openclaw.json"
    assert inner.warnings == ()


def test_commands_started_by_a_gateway_mean_that_gateway(tmp_path: Path) -> None:
    """Its environment names profile, state dir and config, even with another working directory."""
    outer = resolve(tmp_path, profile="ops")
    inner = resolve_instance(environ=outer.environ, cwd=tmp_path)
    assert (inner.profile, inner.state_dir, inner.config_path) == ("ops", outer.state_dir, outer.config_path)


def test_the_workspace_variable(tmp_path: Path) -> None:
    """Names the default agent's workspace."""
    assert resolve(tmp_path, {"OPENCLAW_WORKSPACE_DIR": "~/w"}).workspace == tmp_path / "w"


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_env_files_stand_below_the_process(tmp_path: Path) -> None:
    """process > .env of the working directory > .env of the state dir."""
    here = write(tmp_path / "cwd/.env", "A=cwd\nB=cwd\n")
    state = write(tmp_path / ".openclaw/.env", "A=state\nB=state\nC=state\n")
    instance = resolve(tmp_path, {"A": "process"})
    assert [instance.environ[name] for name in "ABC"] == ["process", "cwd", "state"]
    assert instance.loaded_env_files == (here, state)


def test_a_checkout_cannot_move_the_gateway(tmp_path: Path) -> None:
    """The working directory's .env is not the operator's."""
    write(tmp_path / "cwd/.env", "OPENCLAW_GATEWAY_PORT=1\nOPENAI_API_KEY=x\nMY_VAR=ok\n")
    environ = resolve(tmp_path).environ
    assert "OPENCLAW_GATEWAY_PORT" not in environ
    assert "OPENAI_API_KEY" not in environ
    assert environ["MY_VAR"] == "ok"


def test_the_state_dirs_env_may_set_anything(tmp_path: Path) -> None:
    """It is the supported place, also when the command is typed in that very directory."""
    write(tmp_path / ".openclaw/.env", "OPENCLAW_GATEWAY_PORT=20001\nOPENCLAW_CONFIG_PATH=/etc/oc.json\n")
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path / ".openclaw")
    assert gateway_port(instance, Config()) == (20001, "env")
    assert instance.config_path == Path("/etc/oc.json")
    assert len(instance.loaded_env_files) == 1


def test_the_older_gateway_env_file_is_read_last(tmp_path: Path) -> None:
    """And only for the default instance: two gateways must not share a port by it."""
    write(tmp_path / ".config/openclaw/gateway.env", "OLD=1\n")
    assert resolve(tmp_path).environ["OLD"] == "1"
    assert "OLD" not in resolve(tmp_path, profile="ops").environ


def refuse_env_files(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """Nobody may read a `.env` in a directory of this name."""

    def read(file: Path, **_: object) -> str:
        if file.parent.name == folder:
            raise PermissionError(13, "Permission denied")
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", read)


def test_an_unreadable_env_file_stops_only_what_needs_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The instance is there, to be stopped and looked at; who wants the keys is told why they are missing."""
    before = resolve(tmp_path)
    refuse_env_files(monkeypatch, ".openclaw")
    found = resolve(tmp_path)
    assert found.unread_env == (f"cannot read {tmp_path / '.openclaw/.env'}: Permission denied",)
    assert found.warnings == found.unread_env
    with pytest.raises(EnvUnreadable, match=r"cannot read .*\.env: Permission denied"):
        found.require_env()
    with pytest.raises(EnvUnreadable):
        reread_env(before)


def test_a_checkouts_unreadable_env_file_is_only_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's file in the working directory keeps no gateway from starting."""
    refuse_env_files(monkeypatch, "cwd")
    found = resolve(tmp_path)
    assert found.warnings == (f"cannot read {tmp_path / 'cwd/.env'}: Permission denied",)
    found.require_env()


def test_environment_values_never_show_in_a_repr(tmp_path: Path) -> None:
    """An instance ends up in tracebacks."""
    assert "hunter2" not in repr(resolve(tmp_path, {"OPENAI_API_KEY": "hunter2"}))


def test_the_account_default_logs_where_people_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/tmp/openclaw for it; everybody else in their state dir; nobody into a directory of another user."""
    monkeypatch.setattr(env, "_account_home", lambda: tmp_path)
    monkeypatch.setattr(env, "LOG_DIR", tmp_path / "logs")
    assert resolve(tmp_path).log_file == tmp_path / "logs/openclaw-YYYY-MM-DD.log"
    assert resolve(tmp_path, profile="x").log_file == tmp_path / ".openclaw-x/logs/openclaw-YYYY-MM-DD.log"
    (tmp_path / "logs").symlink_to(tmp_path)
    assert resolve(tmp_path).log_file == tmp_path / f"openclaw-{os.getuid()}/openclaw-YYYY-MM-DD.log"


def test_a_number_without_an_account_has_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Containers run as users that /etc/passwd does not know."""

    def unknown(_: int) -> pwd.struct_passwd:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert resolve_instance(environ={}, cwd=tmp_path).home == Path("/")


def test_paths_as_people_write_and_read_them(tmp_path: Path) -> None:
    """`~` both ways; a relative path starts at the state dir."""
    instance = resolve(tmp_path)
    assert instance.path("~/x") == tmp_path / "x"
    assert instance.path("~") == tmp_path
    assert instance.path("logs/a.log") == tmp_path / ".openclaw/logs/a.log"
    assert instance.path("/etc/x") == Path("/etc/x")
    assert instance.shown(tmp_path / "x") == "~/x"
    assert instance.shown(Path("/etc/x")) == "/etc/x"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((1234, "1", {"port": 2}, "ops"), (1234, "flag")),
        ((0, None, {}, None), (0, "flag")),
        ((None, "0.0.0.0:1", {"port": 2}, "ops"), (1, "env")),
        ((None, None, {"port": 2}, "ops"), (2, "config")),
        ((None, None, {"port": 18789}, "ops"), (18789, "config")),
        ((None, None, {}, "ops"), (55291, "profile")),
        ((None, None, {}, "dev"), (19001, "profile")),
        ((None, None, {}, None), (18789, "default")),
        ((None, "undefined", {}, None), (18789, "default")),
    ],
)
def test_who_names_the_port(
    tmp_path: Path, given: tuple[int | None, str | None, dict[str, int], str | None], expected: tuple[int, str]
) -> None:
    """--port, then OPENCLAW_GATEWAY_PORT, gateway.port, the profile's own, 18789."""
    flag, variable, config, profile = given
    environ = {} if variable is None else {"OPENCLAW_GATEWAY_PORT": variable}
    instance = resolve(tmp_path, environ, profile=profile)
    assert gateway_port(instance, Config.model_validate({"gateway": config}), flag) == expected


def test_what_is_no_port_is_refused(tmp_path: Path) -> None:
    """Instead of a gateway on a port that nobody asked for."""
    instance = resolve(tmp_path, {"OPENCLAW_GATEWAY_PORT": "abc"})
    with pytest.raises(ConfigError, match="OPENCLAW_GATEWAY_PORT=abc is not a port"):
        gateway_port(instance, Config())
    with pytest.raises(RequestError, match="--port 70000 is not a port"):
        gateway_port(instance, Config(), 70_000)


def test_importing_it_costs_no_pydantic() -> None:
    """`openclaw --version` and friends import it."""
    code = "import clawfleet.config.env, sys; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_env_files_can_be_read_again(tmp_path: Path) -> None:
    """What a file no longer says is gone, what the process was given stays."""
    state = tmp_path / ".openclaw"
    state.mkdir()
    (state / ".env").write_text("A=1\nB=1\n")
    instance = resolve(tmp_path, {"B": "given"})
    (state / ".env").write_text("C=3\nB=2\n")
    again = reread_env(instance)
    assert ("A" in again.environ, again.environ["B"], again.environ["C"]) == (False, "given", "3")
    assert (again.state_dir, again.config_path) == (instance.state_dir, instance.config_path)
    assert "A" in instance.environ


def test_what_is_read_again_still_names_the_profile(tmp_path: Path) -> None:
    instance = resolve(tmp_path, profile="ops")
    assert reread_env(instance).environ == instance.environ
