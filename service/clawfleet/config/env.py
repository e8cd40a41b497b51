"""Which instance is meant: profile, paths, port and effective environment, in one frozen `Instance`.

The only file that reads the process environment and the home directory. Importing it costs no pydantic.
Source: config-and-cli §1 and §2.4.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from clawfleet.config.env_files import Variables
from clawfleet.config.ports import derived_port, parse_port
from clawfleet.core.errors import ConfigError, RequestError

if TYPE_CHECKING:  # pydantic is not paid for by commands that only need paths
    from clawfleet.config.models.root import Config

PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.IGNORECASE)
LOG_DIR = Path("/tmp/openclaw")  # noqa: S108  # the place people look, printed by every guide; made 0700
_UNSET_WORDS = frozenset({"", "undefined", "null"})


class EnvUnreadable(ConfigError):
    """A `.env` that is this instance's own and that this user may not read."""

    code = "ENV_UNREADABLE"


@dataclass(frozen=True, slots=True)
class Instance:
    """One gateway's place on this host. Everything else is handed this; nothing else reads the environment.

    `log_file` holds the literal `YYYY-MM-DD` where the day goes. `workspace` is the default agent's unless the
    config says otherwise. `given_environ` and `cwd` are what `environ` was read from, to read it again. `warnings` are
    for stderr, one line each; `unread_env` are those about `.env` files of its own whose keys are missing.
    """

    profile: str | None
    home: Path
    state_dir: Path
    config_path: Path
    workspace: Path
    log_file: Path
    environ: Mapping[str, str] = field(repr=False)
    given_environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: Path = Path()
    loaded_env_files: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()
    unread_env: tuple[str, ...] = ()

    @property
    def store_dir(self) -> Path:
        """Where this gateway keeps its own files; a Node original's beside it stay untouched."""
        return self.state_dir / "clawfleet"

    def path(self, text: str) -> Path:
        """A path as people write it: `~` is this instance's home, a relative one starts at the state dir."""
        return self.state_dir / _expand(text, self.home)

    def require_env(self) -> None:
        """Return if its `.env` files were read: a key that is not read looks like a wrong key. Raises EnvUnreadable."""
        if self.unread_env:
            raise EnvUnreadable("; ".join(self.unread_env), hint="the user of the gateway must own it")

    def agent_dir(self, agent_id: str) -> Path:
        """Where an agent keeps what is neither workspace nor session, e.g. its `models.json`."""
        return self.state_dir / "agents" / agent_id / "agent"

    def shown(self, path: Path) -> str:
        """A path as people read it: with `~` for the home directory."""
        return f"~/{path.relative_to(self.home)}" if path.is_relative_to(self.home) else str(path)


def resolve_instance(
    *,
    profile: str | None = None,
    dev: bool = False,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Instance:
    """The instance that flags and environment name; reads `.env` files, writes nothing.

    `environ` and `cwd` are the process's own when None. Raises RequestError (exit 2) for a bad profile. A `.env` that
    cannot be read is a warning: to stop a gateway, or to look why it does not start, takes no keys.
    """
    given = dict(os.environ if environ is None else environ)
    here = cwd or Path.cwd()
    name = _profile(profile, dev, given)
    home = _home(given, here)
    places = _Places(given, home, here, name, by_flag=profile is not None or dev)
    state_dir, warning = places.state_dir()
    found = _variables(given, here, state_dir, home)
    config_path, config_warning = places.config_path(found.environ, state_dir)
    return Instance(
        profile=name,
        home=home,
        state_dir=state_dir,
        config_path=config_path,
        workspace=places.workspace(found.environ, state_dir),
        log_file=_log_file(state_dir),
        environ=_naming(name, state_dir, config_path, found.environ),
        given_environ=MappingProxyType(given),
        cwd=here,
        loaded_env_files=tuple(found.files),
        warnings=tuple(text for text in (warning, config_warning, *found.warnings) if text),
        unread_env=tuple(found.unread),
    )


def reread_env(instance: Instance) -> Instance:
    """The same instance with its `.env` files as they are now. Raises EnvUnreadable."""
    found = _variables(instance.given_environ, instance.cwd, instance.state_dir, instance.home)
    environ = _naming(instance.profile, instance.state_dir, instance.config_path, found.environ)
    again = replace(
        instance,
        environ=environ,
        loaded_env_files=tuple(found.files),
        warnings=tuple(found.warnings),
        unread_env=tuple(found.unread),
    )
    again.require_env()
    return again


def _naming(profile: str | None, state_dir: Path, config_path: Path, environ: dict[str, str]) -> Mapping[str, str]:
    """The environment for what is started here: commands started by this gateway mean this gateway."""
    if profile is not None or "OPENCLAW_PROFILE" in environ:
        environ |= {
            "OPENCLAW_PROFILE": profile or "default",
            "OPENCLAW_STATE_DIR": str(state_dir),
            "OPENCLAW_CONFIG_PATH": str(config_path),
        }
    return MappingProxyType(environ)


def gateway_port(instance: Instance, config: Config, flag: int | None = None) -> tuple[int, str]:
    """The port and who named it: `flag`, `env`, `config`, `profile` or `default`.

    Raises ConfigError when OPENCLAW_GATEWAY_PORT holds no port, RequestError when the flag is none.
    """
    if flag is not None:
        if not 0 <= flag <= 65_535:
            raise RequestError(f"--port {flag} is not a port", hint="ports are 1 to 65535")
        return flag, "flag"
    if text := _value(instance.environ, "OPENCLAW_GATEWAY_PORT"):
        port = parse_port(text)
        if port is None:
            raise ConfigError(f"OPENCLAW_GATEWAY_PORT={text} is not a port", hint="write a number, or host:number")
        return port, "env"
    if "port" in config.gateway.model_fields_set:
        return config.gateway.port, "config"
    return derived_port(instance.profile), "default" if instance.profile is None else "profile"


def _profile(flag: str | None, dev: bool, environ: Mapping[str, str]) -> str | None:
    if dev and flag is not None:
        raise RequestError("[openclaw] Cannot combine --dev with --profile")
    if dev:
        return "dev"
    if flag is not None and not flag.strip():
        raise RequestError("[openclaw] --profile requires a value")
    source = "--profile" if flag is not None else "OPENCLAW_PROFILE"
    name = flag.strip() if flag is not None else _value(environ, "OPENCLAW_PROFILE")
    if name is None or name.lower() == "default":
        return None
    if not PROFILE_NAME.fullmatch(name):
        raise RequestError(f'[openclaw] Invalid {source} (use letters, numbers, "_", "-" only)')
    return name


def _home(environ: Mapping[str, str], cwd: Path) -> Path:
    account = Path(environ["HOME"]) if environ.get("HOME") else _account_home()
    chosen = _value(environ, "OPENCLAW_HOME")
    return Path(os.path.normpath(cwd / _expand(chosen, account))) if chosen else account


def _account_home() -> Path:
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a container may run as a number that has no account
        return Path("/")


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things are for one profile, given what the environment says."""

    environ: Mapping[str, str]
    home: Path
    cwd: Path
    profile: str | None
    by_flag: bool

    def state_dir(self) -> tuple[Path, str | None]:
        """The state dir, and a warning when the environment overrules the profile."""
        own = _profile_dir(self.home, self.profile)
        chosen = self._chosen("OPENCLAW_STATE_DIR", self.environ)
        if chosen is None or chosen in (own, self._inherited()):
            return own, None
        return chosen, self._overruled("OPENCLAW_STATE_DIR", chosen)

    def config_path(self, environ: Mapping[str, str], state_dir: Path) -> tuple[Path, str | None]:
        """The config file, and a warning when the environment overrules the profile."""
        own = state_dir / "openclaw.json"
        chosen = self._chosen("OPENCLAW_CONFIG_PATH", environ)
        inherited = self._inherited()
        if chosen is None or chosen == own or (inherited and chosen == inherited / "openclaw.json"):
            return own, None
        return chosen, self._overruled("OPENCLAW_CONFIG_PATH", chosen)

    def workspace(self, environ: Mapping[str, str], state_dir: Path) -> Path:
        """The default workspace. Beside an unusual state dir, so that two instances never share one by default."""
        if chosen := self._chosen("OPENCLAW_WORKSPACE_DIR", environ):
            return chosen
        base = _profile_dir(self.home, None)
        if self.profile is not None and state_dir == _profile_dir(self.home, self.profile):
            return base / f"workspace-{self.profile}"
        return state_dir / "workspace"

    def _chosen(self, name: str, environ: Mapping[str, str]) -> Path | None:
        text = _value(environ, name)
        return Path(os.path.normpath(self.cwd / _expand(text, self.home))) if text else None

    def _inherited(self) -> Path | None:
        """The directory of the other profile under whose gateway this process was started, if any."""
        outer = _value(self.environ, "OPENCLAW_PROFILE")
        return _profile_dir(self.home, outer) if outer and outer != self.profile else None

    def _overruled(self, name: str, chosen: Path) -> str | None:
        return f"{name}={chosen} wins over the profile {self.profile or 'default'}" if self.by_flag else None


def _profile_dir(home: Path, profile: str | None) -> Path:
    return home / (".openclaw" if profile is None or profile.lower() == "default" else f".openclaw-{profile}")


def _log_file(state_dir: Path) -> Path:
    """Only the account's default instance logs to the well-known place: in a shared file nobody finds their lines."""
    if state_dir != _profile_dir(_account_home(), None):
        return state_dir / "logs" / "openclaw-YYYY-MM-DD.log"
    return _default_log_dir() / "openclaw-YYYY-MM-DD.log"


def _default_log_dir() -> Path:
    """The well-known place, unless another user owns it already."""
    try:
        info = LOG_DIR.lstat()
    except FileNotFoundError:
        return LOG_DIR
    if info.st_uid == os.getuid() and LOG_DIR.is_dir() and not LOG_DIR.is_symlink():
        return LOG_DIR
    return LOG_DIR.with_name(f"openclaw-{os.getuid()}")


def _variables(environ: Mapping[str, str], cwd: Path, state_dir: Path, home: Path) -> Variables:
    """The environment with `.env` files below it. The first one wins: the working directory's, the state dir's."""
    found = Variables(dict(environ))
    if cwd != state_dir:
        found.take(cwd / ".env", is_own=False)
    found.take(state_dir / ".env", is_own=True)
    if state_dir == _profile_dir(home, None):
        found.take(home / ".config" / "openclaw" / "gateway.env", is_own=True)
    return found


def _value(environ: Mapping[str, str], name: str) -> str | None:
    """A variable, None when unset, blank, or one of the words that scripts write for nothing."""
    text = environ.get(name, "").strip()
    return None if text in _UNSET_WORDS else text


def _expand(text: str, home: Path) -> Path:
    if text == "~":
        return home
    return home / text[2:] if text.startswith("~/") else Path(text)
