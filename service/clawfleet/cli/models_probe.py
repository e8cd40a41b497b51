"""`openclaw models status --probe`: asks providers for a word with each key, whether a gateway runs or not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from clawfleet.cli.context import CliContext
from clawfleet.cli.models_auth_store import in_store
from clawfleet.cli.tables import terminal_lines
from clawfleet.core.clock import now_ms

if TYPE_CHECKING:
    from clawfleet.models.auth.store import AuthStore
    from clawfleet.models.probing import Manner, Probed


def probed(cli: CliContext, agent: str, providers: Sequence[str], manner: Manner) -> dict[str, Any]:
    """What each key of `providers` got; what became of stored ones is kept as after any turn."""
    started_ms, began = now_ms(), time.monotonic()
    rows = in_store(cli, lambda store: _ask_all(cli, agent, providers, manner, store))
    return {
        "startedAt": started_ms,
        "finishedAt": now_ms(),
        "durationMs": round((time.monotonic() - began) * 1000),
        "totalTargets": len(rows),
        "options": {
            "timeoutMs": manner.limit_ms,
            "concurrency": manner.at_once,
            "maxTokens": manner.max_tokens,
            "profileIds": list(manner.profiles),
        },
        "results": [_row_json(provider, row) for provider, row in rows],
    }


def probe_lines(probes: dict[str, Any]) -> Iterator[str]:
    """The rows as a table, each failure with its reason below it."""
    rows = probes["results"]
    yield ""
    yield "Auth probes"
    cells = [(row.get("model") or row["provider"], row["label"], _status(row)) for row in rows]
    heading, *lines = terminal_lines(("Model", "Profile", "Status"), cells)
    yield heading
    for line, row in zip(lines, rows, strict=True):
        yield line
        if error := row.get("error"):
            first, *more = str(error).splitlines()
            yield f"  ↳ {first}"
            yield from (f"    {each}" for each in more)
    count = probes["totalTargets"]
    yield f"Probed {count} target{'' if count == 1 else 's'} in {probes['durationMs'] / 1000:.1f}s"


async def _ask_all(
    cli: CliContext, agent: str, providers: Sequence[str], manner: Manner, store: AuthStore
) -> list[tuple[str, Probed]]:
    from clawfleet.config.provider_ids import provider_id
    from clawfleet.models.auth.ring import KeyRing
    from clawfleet.models.client import Models
    from clawfleet.models.probing import probe

    models = Models(cli.snapshot.config, cli.snapshot.environ, KeyRing(store))
    try:
        names = list(dict.fromkeys(map(provider_id, providers)))
        return [(name, row) for name in names for row in await probe(models, name, agent, manner)]
    finally:
        await models.close()


def _row_json(provider: str, row: Probed) -> dict[str, Any]:
    shown = {
        "provider": provider,
        "model": row.model,
        "profileId": row.profile_id,
        "label": row.label,
        "source": row.source,
        "mode": row.mode,
        "status": row.status,
        "latencyMs": row.latency_ms,
        "reasonCode": row.reason_code,
        "error": row.error,
    }
    return {key: value for key, value in shown.items() if value is not None}


def _status(row: dict[str, Any]) -> str:
    took = row.get("latencyMs")
    return f"{row['status']} · {took / 1000:.1f}s" if took is not None else str(row["status"])
