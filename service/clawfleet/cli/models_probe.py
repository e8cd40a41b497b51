"""`openclaw models status --probe`: the running gateway asks providers for a word with each key."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from clawfleet.cli.context import CliContext
from clawfleet.cli.tables import terminal_lines
from clawfleet.cli.target import Ask, open_gateway
from clawfleet.core.clock import now_ms

KEYS_AT_MOST = 20


def probed(cli: CliContext, agent: str | None, providers: Sequence[str], timeout_ms: int) -> dict[str, Any]:
    """What each key of `providers` got. Raises GatewayUnreachable: the gateway does the asking."""
    started_ms, began = now_ms(), time.monotonic()
    rows: list[dict[str, Any]] = []
    with open_gateway(cli, Ask(timeout_ms=KEYS_AT_MOST * timeout_ms), scopes=("operator.admin",)) as gateway:
        for provider in providers:
            params = {"provider": provider, "timeoutMs": timeout_ms} | ({"agentId": agent} if agent else {})
            answer = gateway.call("models.probe", params)
            rows += [{"provider": provider, **row} for row in answer["results"]]
    return {
        "startedAt": started_ms,
        "finishedAt": now_ms(),
        "durationMs": round((time.monotonic() - began) * 1000),
        "totalTargets": len(rows),
        "options": {"timeoutMs": timeout_ms},
        "results": rows,
    }


def probe_lines(probes: dict[str, Any]) -> Iterator[str]:
    """The rows as a table, each failure with its reason below it."""
    rows = probes["results"]
    yield ""
    yield "Auth probes"
    cells = [(row["provider"], row["label"], _status(row)) for row in rows]
    heading, *lines = terminal_lines(("Provider", "Profile", "Status"), cells)
    yield heading
    for line, row in zip(lines, rows, strict=True):
        yield line
        if row.get("error"):
            yield f"  ↳ {row['error']}"
    count = probes["totalTargets"]
    yield f"Probed {count} target{'' if count == 1 else 's'} in {probes['durationMs'] / 1000:.1f}s"


def _status(row: dict[str, Any]) -> str:
    took = row.get("latencyMs")
    return f"{row['status']} · {took / 1000:.1f}s" if took is not None else str(row["status"])
