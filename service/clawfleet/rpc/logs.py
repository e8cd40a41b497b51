"""`logs.tail`: the end of the gateway's log, or what came since. Source: protocol §12."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import Field

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class LogsTailParams(Params):
    """`cursor` is a byte offset from an earlier answer; without it the last `limit` lines within `max_bytes` come."""

    cursor: int | None = Field(default=None, ge=0)
    limit: int = Field(default=500, ge=1, le=5000)
    max_bytes: int = Field(default=250_000, ge=1, le=1_000_000)


class LogsTail(Result):
    """Lines of the log; `reset` says that the file was replaced since `cursor`."""

    file: str
    cursor: int
    size: int
    lines: list[str]
    truncated: bool
    reset: bool


@method("logs.tail", scope="operator.read")
async def tail(call: Call, params: LogsTailParams) -> LogsTail:
    """The end of the log file; lines are redacted when they are written."""
    return await asyncio.to_thread(_read, call.gateway.vitals.log_file, params)


def _read(file: Path, params: LogsTailParams) -> LogsTail:
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return LogsTail(file=str(file), cursor=0, size=0, lines=[], truncated=False, reset=False)
    reset = params.cursor is not None and params.cursor > size
    start = params.cursor if params.cursor is not None and not reset else max(0, size - params.max_bytes)
    with file.open("rb") as log:
        log.seek(start)
        data = log.read(params.max_bytes)
    data = data[: data.rfind(b"\n") + 1]  # a line that is still being written comes next time
    lines = data.decode(errors="replace").splitlines()
    from_tail = params.cursor is None or reset
    if from_tail and start > 0:
        lines = lines[1:]
    kept = lines[-params.limit :] if from_tail else lines
    return LogsTail(
        file=str(file),
        cursor=start + len(data),
        size=size,
        lines=kept,
        truncated=len(kept) < len(lines) or (from_tail and start > 0),
        reset=reset,
    )
