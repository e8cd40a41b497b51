"""What the `config` commands share: how their words are read, and the file before anything is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clawfleet.config.env import Instance
from clawfleet.core.errors import HostError, RequestError


class TooManyArguments(RequestError):
    """More words than the command takes."""

    code = "TOO_MANY_ARGUMENTS"
    exit_code = 1


class CannotRead(HostError):
    """The operating system refused, or what is there is no file."""

    code = "CONFIG_UNREADABLE"


class WordsCommand(click.Command):
    """A command whose last argument may start with a dash, as `-100123` does, and that says when words are left."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = {"ignore_unknown_options": True, "allow_extra_args": True, **self.context_settings}

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, unless words are left over."""
        if ctx.args and ctx.args[0].startswith("--"):
            raise click.NoSuchOption(ctx.args[0], ctx=ctx)
        if ctx.args:
            raise TooManyArguments("Too many arguments for this command.", hint=ctx.get_usage())
        return super().invoke(ctx)


def read_config(instance: Instance) -> str | None:
    """The text of the config file, None when there is none. Raises ConfigInvalid, CannotRead (exit 1)."""
    try:
        return instance.config_path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        from clawfleet.config.read import ConfigInvalid, Issue

        raise ConfigInvalid(instance.config_path, (Issue("<root>", "not UTF-8"),)) from error
    except OSError as error:
        raise CannotRead(
            f"cannot read {instance.config_path}: {error.strerror}",
            hint="it must be a file you may read; OPENCLAW_CONFIG_PATH names another one",
        ) from error


def read_given(path: str, max_bytes: int) -> str:
    """The text of a file that was named on the command line. Raises RequestError."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise CannotRead(f"cannot read {path}: {error.strerror}") from error
    return bounded(raw, path, max_bytes)


def bounded(raw: bytes, name: str, max_bytes: int) -> str:
    """Bytes from outside as text. Raises TooLarge, NotText."""
    if len(raw) > max_bytes:
        raise TooLarge(f"{name} is larger than {max_bytes} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotText(f"{name} is not UTF-8 text") from None


class TooLarge(RequestError):
    """More than a config can sensibly be."""

    code = "CONFIG_INPUT_TOO_LARGE"
    exit_code = 1


class NotText(RequestError):
    """Bytes that are no text."""

    code = "CONFIG_INPUT_NOT_TEXT"
    exit_code = 1
