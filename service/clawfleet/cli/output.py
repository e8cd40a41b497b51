"""How the command line speaks: JSON documents and failures, always the same way."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import click

from clawfleet.cli.context import CliContext
from clawfleet.core.errors import GatewayError
from clawfleet.core.text import printable


def print_json(value: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def failure_envelope(error: GatewayError, **more: Any) -> dict[str, Any]:
    """What a `--json` command prints on stdout when it fails (config-and-cli §3), with what scripts decide by.

    `code` is stable: the gateway's own where it answered, else the command's. `hint`, `status` (of a model
    provider) and `retryAfterMs` are there when they are known.
    """
    known = {"hint": error.hint} | {name: error.details.get(name) for name in ("status", "retryAfterMs")}
    return {
        "ok": False,
        "error": {
            "type": "cli_error",
            "message": error.message,
            "code": str(error.details.get("code") or error.code),
            **{name: value for name, value in known.items() if value is not None},
        },
        **more,
    }


def print_failure(error: GatewayError, *, as_json: bool) -> None:
    """Say on stderr what failed and what mends it; with `as_json` also the envelope on stdout."""
    message = error.message.lstrip("⚠\ufe0f ")  # chats need a sign before it, this line has one
    click.echo(f"✗ {printable(message)}", err=True)
    for line in (error.hint or "").splitlines():
        click.echo(f"  {printable(line)}", err=True)
    if as_json:
        print_json(failure_envelope(error))


def addressed(text: str, flags: str) -> str:
    """`text` whose commands mean the same instance as the one that was typed: `openclaw --profile ops status`."""
    return _COMMAND.sub(f"openclaw {flags} ", text) if flags else text


def tell(text: str, *, err: bool = False) -> None:
    """Print text that may name commands: they mean the same instance as the one that runs."""
    running = click.get_current_context(silent=True)
    found = running.find_object(CliContext) if running else None
    click.echo(addressed(text, found.flags if found else ""), err=err)


_COMMAND = re.compile(r"(?<![\w/.-])openclaw (?=[a-z])")


def usage_message(error: click.UsageError) -> str:
    """What is wrong with a command line, in words of people rather than of the parser."""
    param = getattr(error, "param", None)
    if isinstance(error, click.MissingParameter) and isinstance(param, click.Argument) and error.ctx:
        return f"Missing argument: {param.make_metavar(error.ctx)}"
    if isinstance(error, click.BadParameter) and param is not None and isinstance(param.type, click.IntRange):
        given = error.message.partition(" is not ")[0].strip("'")
        name = max(param.opts, key=len)
        return f"{name}: {given} is not a whole number {_range(param.type)}"
    return error.format_message()


def _range(kind: click.IntRange) -> str:
    if kind.max is None:
        return f"of at least {kind.min}"
    return f"from {kind.min} to {kind.max}"


def age(since_ms: int, now_s: float | None = None) -> str:
    """How long ago, in its largest unit: `40 s`, `3 min`, `5 h`, `2 d`."""
    seconds = max(0, int((now_s if now_s is not None else time.time()) - since_ms / 1000))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
