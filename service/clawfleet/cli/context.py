"""What every command is handed: which instance it is about and how to print. Reads nothing until asked."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clawfleet.core.errors import ConfigError, RequestError

if TYPE_CHECKING:  # pydantic is not paid for by commands that do not read the config
    from clawfleet.config.env import Instance
    from clawfleet.config.load import Snapshot


class StateDirUnusable(ConfigError):
    """The state dir is something that no instance can live in, or that this user may not look into."""

    code = "STATE_DIR_UNUSABLE"


@dataclass
class CliContext:
    """The root flags of one command line. `environ` and `cwd` are the process's own when None."""

    profile: str | None = None
    dev: bool = False
    color: bool | None = None
    environ: Mapping[str, str] | None = None
    cwd: Path | None = None

    @property
    def flags(self) -> str:
        """What stands before the command to mean this instance; empty for the default one."""
        return "--dev" if self.dev else f"--profile {self.profile}" if self.profile else ""

    @property
    def left_out(self) -> tuple[str, ...]:
        """What this command went on without, once it asked for the instance: `.env` files that it may not read."""
        return self.instance.unread_env if "instance" in self.__dict__ else ()

    @cached_property
    def instance(self) -> Instance:
        """Paths, profile and environment of the instance meant.

        Raises RequestError for a bad profile name, StateDirUnusable (exit 78).
        """
        from clawfleet.config.env import resolve_instance

        instance = resolve_instance(profile=self.profile, dev=self.dev, environ=self.environ, cwd=self.cwd)
        check_state_dir(instance.state_dir)
        return instance

    @cached_property
    def snapshot(self) -> Snapshot:
        """The instance's config, validated. Raises ConfigError (exit 78)."""
        snapshot, error = self.snapshot_or_error
        if snapshot is None:
            assert error is not None
            raise error
        return snapshot

    @cached_property
    def snapshot_or_error(self) -> tuple[Snapshot | None, ConfigError | None]:
        """The config, or why it cannot be used: for the diagnostics that must work with a broken file."""
        from clawfleet.config.load import load_config

        try:
            return load_config(self.instance), None
        except ConfigError as error:
            return None, error


def check_state_dir(path: Path) -> None:
    """Return if `path` is a directory that may be looked into, or not there yet. Raises StateDirUnusable (exit 78)."""
    try:
        is_directory = stat.S_ISDIR(path.stat().st_mode)
        why = "" if is_directory else "it is not a directory"
        if is_directory and not os.access(path, os.X_OK):
            why = "you may not look into it"
    except FileNotFoundError:
        return
    except OSError as error:
        why = error.strerror or type(error).__name__
    if why:
        raise StateDirUnusable(
            f"cannot use the state dir {path}: {why}",
            hint="name another one with OPENCLAW_STATE_DIR or --profile, or run this as the user who owns it",
        )


@dataclass(frozen=True, slots=True)
class RootFlags:
    """The flags that belong to `openclaw` itself, wherever on the line they were typed."""

    profile: str | None = None
    dev: bool = False
    no_color: bool = False


def take_root_flags(args: list[str]) -> tuple[RootFlags, list[str]]:
    """The root flags of a command line and the line without them (config-and-cli §1.1).

    `--profile` and `--no-color` count before and after the command, `--dev` only before it: `gateway --dev` is
    another flag. What follows a `--` is left alone. Raises RequestError (exit 2).
    """
    profile: str | None = None
    dev = no_color = False
    rest: list[str] = []
    index = 0
    while index < len(args):
        arg = args[index]
        index += 1
        if arg == "--":
            rest += args[index - 1 :]
            break
        if arg == "--profile":
            profile = _profile_value(args[index] if index < len(args) else "")
            index += 1
        elif arg.startswith("--profile="):
            profile = _profile_value(arg.partition("=")[2])
        elif arg == "--dev" and not rest:
            dev = True
        elif arg == "--no-color":
            no_color = True
        else:
            rest.append(arg)
    if dev and profile is not None:
        raise RequestError("[openclaw] Cannot combine --dev with --profile")
    return RootFlags(profile, dev, no_color), rest


def _profile_value(text: str) -> str:
    if not text or text.startswith("-"):
        raise RequestError("[openclaw] --profile requires a value", hint="openclaw --profile <name> <command>")
    return text


pass_cli = click.make_pass_decorator(CliContext)
