"""`openclaw logs`: the gateway's log, asked from the running gateway, else read from its file.

Following goes on over midnight, a rotation and a restart; another machine's gateway is tried again for a while.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import click

from clawfleet.cli.client import GatewayClient
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.errors import GatewayError, NotFoundError
from clawfleet.host.logfile import newest, read_tail
from clawfleet.secrets.redact import Redactor

# What strangers write may stand in a log; it must not move the cursor of who reads it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SHAPES = Redactor()
RETRIES = 8
MOST_WAIT_S = 30.0
LEVEL_COLORS = {"error": "red", "critical": "red", "warning": "yellow", "warn": "yellow", "debug": "bright_black"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the log. `cursor` is where the next one starts."""

    file: str
    cursor: int
    size: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One log record; `raw` is its line in the file."""

    time: str
    level: str
    subsystem: str
    message: str
    raw: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the log is printed."""

    as_json: bool
    plain: bool
    local_time: bool


@click.command("logs", epilog="\b\nExamples:\n  openclaw logs --follow\n  openclaw logs --limit 50 --json --utc")
@click.option("--follow", "-f", is_flag=True, help="Go on printing new lines until Ctrl-C.")
@click.option(
    "--limit",
    type=click.IntRange(1, 5000),
    default=200,
    show_default=True,
    metavar="N",
    help="Last lines to begin with.",
)
@click.option(
    "--max-bytes",
    type=click.IntRange(1, 1_000_000),
    default=250_000,
    show_default=True,
    metavar="N",
    help="Most bytes to read.",
)
@click.option("--interval", type=click.IntRange(min=50), default=1000, show_default=True, metavar="MS",
              help="With --follow: how often to look, in milliseconds.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--plain", is_flag=True, help="No colours.")
@click.option("--local-time/--utc", default=False, help="Times of this machine's zone, or UTC as logged (default).")
@asks_gateway
@pass_cli
def command(context: CliContext, /, ask: Ask, **flags: Any) -> None:
    """Show the gateway's log; reads the file when the gateway is down."""
    wishes = Wishes(flags["as_json"], flags["plain"] or context.color is False, flags["local_time"])
    with Source(context, ask, flags["limit"], flags["max_bytes"]) as source:
        chunk = source.read(None)
        source.tell_notice(wishes)
        meta = {"type": "meta", "file": chunk.file, "sourceKind": "file", "cursor": chunk.cursor, "size": chunk.size}
        say(wishes, meta)
        show(chunk, wishes)
        while flags["follow"]:
            time.sleep(flags["interval"] / 1000)
            for more in source.further(chunk):
                source.tell_notice(wishes)
                show(more, wishes)
                chunk = more


class Source:
    """Where the log comes from: the running gateway while it answers, its file otherwise."""

    def __init__(self, context: CliContext, ask: Ask, limit: int, max_bytes: int) -> None:
        self._context = context
        self._ask = ask
        self._limit = limit
        self._max_bytes = max_bytes
        self._gateway: GatewayClient | None = None
        self._notices: list[str] = []
        self._printed: list[str] = []

    def __enter__(self) -> Self:
        try:
            self._gateway = open_gateway(self._context, self._ask)
        except GatewayError as error:
            self._turn_to_file(error)
        return self

    def __exit__(self, *_: object) -> None:
        if self._gateway is not None:
            self._gateway.close()

    def read(self, cursor: int | None) -> Chunk:
        """The last lines, or with a cursor those after it. Raises NotFoundError when there is no log yet."""
        if self._gateway is not None:
            try:
                return self._ask_gateway(self._gateway, cursor)
            except GatewayError as error:
                # It stopped, or does not know the method; the file has the lines all the same.
                self._turn_to_file(error)
        return self._read_file(cursor)

    def further(self, last: Chunk) -> Iterator[Chunk]:
        """What came after `last`: the rest of its file where a new one has begun, then what that one has.

        Raises the error of a gateway elsewhere that stays away.
        """
        chunk = self._patiently(last.cursor)
        if chunk.file == last.file:
            yield chunk
            return
        rest = self._rest_of(last)
        if rest is not None:
            yield rest
        yield self._patiently(0)

    def tell_notice(self, wishes: Wishes) -> None:
        """Say what there is to know besides the lines, once."""
        for notice in self._notices:
            say(wishes, {"type": "notice", "message": notice})
        self._notices.clear()

    def _patiently(self, cursor: int) -> Chunk:
        """The lines after `cursor`; a gateway elsewhere is asked again, ever less often, before its error counts."""
        for attempt in range(1, RETRIES + 1):
            try:
                if self._gateway is None and self._ask.url:
                    self._gateway = open_gateway(self._context, self._ask)
                return self.read(cursor)
            except GatewayError as error:
                if not self._ask.url or attempt == RETRIES:
                    raise
                self._hang_up()
                wait_s = min(2.0 ** (attempt - 1), MOST_WAIT_S)
                click.echo(f"{error.message}; reconnecting in {wait_s:g} s ({attempt}/{RETRIES})", err=True)
                time.sleep(wait_s)
        raise AssertionError("unreachable")

    def _rest_of(self, last: Chunk) -> Chunk | None:
        """The lines that a file still got before it was set aside; None where it is not on this machine."""
        file = Path(last.file)
        if self._ask.url or not file.is_file():
            return None
        tail = read_tail(file, cursor=last.cursor, limit=self._limit, max_bytes=self._max_bytes)
        return Chunk(last.file, tail.cursor, tail.size, () if tail.reset else tail.lines)

    def _hang_up(self) -> None:
        if self._gateway is not None:
            self._gateway.close()
            self._gateway = None

    def _ask_gateway(self, gateway: GatewayClient, cursor: int | None) -> Chunk:
        params: dict[str, Any] = {"limit": self._limit, "maxBytes": self._max_bytes}
        if cursor is not None:
            params["cursor"] = cursor
        told = gateway.call("logs.tail", params)
        return Chunk(str(told["file"]), int(told["cursor"]), int(told["size"]), tuple(told["lines"]))

    def _turn_to_file(self, error: GatewayError) -> None:
        """Go on with the file; the file of another machine cannot be read, so then the error stands."""
        if self._ask.url:
            raise error
        self._hang_up()
        self._notices.append("Local Gateway RPC unavailable; reading configured file log instead.")

    def _read_file(self, cursor: int | None) -> Chunk:
        pattern = log_pattern(self._context)
        file = newest(pattern)
        if file is None:
            return self._read_journal(pattern, is_first=cursor is None)
        tail = read_tail(file, cursor=cursor, limit=self._limit, max_bytes=self._max_bytes)
        return Chunk(str(file), tail.cursor, tail.size, tail.lines)

    def _read_journal(self, pattern: Path, *, is_first: bool) -> Chunk:
        """What the service printed, of which nothing got as far as a log file; then what it prints besides.

        Raises NotFoundError when there is not a word of it.
        """
        lines = last_words(self._context, self._limit)
        if is_first and not lines:
            raise NotFoundError(f"there is no log yet: {pattern}", hint="start the gateway: openclaw gateway run")
        if is_first:
            self._notices.append("There is no log file yet; this is what its service printed.")
        new, self._printed = following(self._printed, lines), lines
        return Chunk(str(pattern), 0, 0, tuple(new))


def following(before: Sequence[str], now: Sequence[str]) -> Sequence[str]:
    """The last lines of something that goes on, without those that were its last lines `before`. Pure."""
    for shared in range(min(len(before), len(now)), 0, -1):
        if before[-shared:] == now[:shared]:
            return now[shared:]
    return now


def last_words(context: CliContext, lines: int) -> list[str]:
    """What the service of this instance printed last; nothing where there is none."""
    from clawfleet.cli.service_door import ServiceDoor

    try:
        service = ServiceDoor.open(context).service
    except GatewayError:
        return []
    return service.last_words(lines) if service.state().is_installed else []


def log_pattern(context: CliContext) -> Path:
    """The log file of an instance, as configured; its name may hold `YYYY-MM-DD`."""
    snapshot, _ = context.snapshot_or_error
    written = snapshot.config.logging.file if snapshot else None
    return Path(written) if written else context.instance.log_file


def read_row(written: str) -> Row:
    """A record out of its line: a JSON object, or `<time> [subsystem] message`; anything else is all message.

    What has the shape of a secret is masked: the file may have been written by another program.
    """
    line = _SHAPES.redact(written)
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if isinstance(row, dict):
        when, level, subsystem, message = (
            str(row.get(name) or "") for name in ("time", "level", "subsystem", "message")
        )
        return Row(when, level, subsystem, message, line)
    if match := re.fullmatch(r"(\d{4}-\S+)\s+(?:(\w+)\s+)?\[([^\]]+)\]\s*(.*)", line):
        return Row(match[1], (match[2] or "").lower(), match[3], match[4], line)
    return Row("", "", "", line, line)


def show(chunk: Chunk, wishes: Wishes) -> None:
    """Print the records of a piece of the log."""
    for line in chunk.lines:
        row = read_row(line)
        if wishes.as_json:
            say(wishes, {"type": "log", **{name: getattr(row, name) for name in Row.__slots__}})
        else:
            click.echo(row_text(row, wishes))


def row_text(row: Row, wishes: Wishes) -> str:
    """`time level subsystem message`."""
    when = row.time
    if wishes.local_time:
        with suppress(ValueError):  # a line that some other program wrote
            when = datetime.fromisoformat(when).astimezone().isoformat(timespec="milliseconds")
    level, subsystem = row.level, row.subsystem
    if not wishes.plain:
        level = click.style(level, fg=LEVEL_COLORS.get(level))
        subsystem = click.style(subsystem, fg="cyan")
    message = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", row.message)
    return " ".join(part for part in (when, level, subsystem, message) if part)


def say(wishes: Wishes, item: Mapping[str, Any]) -> None:
    """Print what is not a record: as a JSON line, or the file's name on stdout and a notice on stderr."""
    if wishes.as_json:
        click.echo(json.dumps(item, ensure_ascii=False))
    elif item["type"] == "notice":
        click.echo(str(item["message"]), err=True)
    else:
        click.echo(f"Log file: {item['file']}")
