"""`logs.tail`: the end of the gateway's log, or what came since. Source: protocol §12."""

from __future__ import annotations

import asyncio

from pydantic import Field

from clawfleet.host.logfile import current, read_tail
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class LogsTailParams(Params):
    """`cursor` is a byte offset from an earlier answer; without it the last `limit` lines within `max_bytes` come.

    With it the next `limit` lines come, so that who goes on with the new cursor misses none.
    """

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
    file = await asyncio.to_thread(current, call.gateway.vitals.log_file)  # another one since midnight
    try:
        found = await asyncio.to_thread(
            read_tail, file, cursor=params.cursor, limit=params.limit, max_bytes=params.max_bytes
        )
    except FileNotFoundError:
        return LogsTail(file=str(file), cursor=0, size=0, lines=[], truncated=False, reset=False)
    return LogsTail(
        file=str(file),
        cursor=found.cursor,
        size=found.size,
        lines=list(found.lines),
        truncated=found.truncated,
        reset=found.reset,
    )
