"""What Prometheus scrapes: `/api/diagnostics/prometheus`, and `/metrics` for the same. Source: http-and-web §11.

Counters come from `core.metrics`; what can be read at the moment of the scrape is read then.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from clawfleet.core.metrics import CONTENT_TYPE, Sample
from clawfleet.host.memory import resident_bytes
from clawfleet.protocol.scopes import READ
from clawfleet.rpc.call import Gateway
from clawfleet.server.http_auth import peer_of, require_bearer

FILES = Path("/proc/self/fd")


def metrics(gateway: Gateway, failing: Callable[[], list[str]]) -> APIRouter:
    """The endpoints, for who shows the gateway's secret."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    @router.get("/api/diagnostics/prometheus")
    async def scrape(request: Request) -> PlainTextResponse:
        """Everything counted so far; nothing with `diagnostics.enabled: false`."""
        await require_bearer(peer_of(request, gateway), gateway, READ)
        wanted = gateway.snapshot.config.diagnostics.enabled
        text = gateway.metrics.render(moment(gateway, failing())) if wanted else ""
        return PlainTextResponse(text, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})

    return router


def moment(gateway: Gateway, failing: list[str]) -> Iterator[Sample]:
    """What the gateway is right now."""
    vitals, runs, used = gateway.vitals, gateway.runs.live(), resource.getrusage(resource.RUSAGE_SELF)
    yield Sample("openclaw_gateway_build_info", 1, {"process_instance_id": vitals.boot_id, "version": vitals.version})
    yield Sample("openclaw_memory_bytes", resident_bytes(), {"kind": "rss"})
    lanes = {"main": 0, "subagent": 0}
    for run in runs:
        lanes["subagent" if ":subagent:" in run.session_key else "main"] += 1
    yield from (Sample("openclaw_queue_lane_size", size, {"lane": lane}) for lane, size in lanes.items())
    begun = sum(run.begun for run in runs)
    yield Sample("openclaw_session_queue_depth", begun, {"state": "processing"})
    yield Sample("openclaw_session_queue_depth", len(runs) - begun, {"state": "waiting"})
    yield Sample("clawfleet_ready", not failing)
    yield Sample("clawfleet_clients", len(gateway.clients.callers()))
    for row in gateway.channels.rows():
        if row.account.enabled:
            labels = {"channel": row.account.channel, "account": row.account.account}
            yield Sample("clawfleet_channel_up", not row.error, labels)
    yield Sample("clawfleet_event_loop_delay_max_seconds", gateway.loop.health().delay_max_ms / 1000)
    yield Sample("process_start_time_seconds", vitals.started_at_ms / 1000)
    yield Sample("process_resident_memory_bytes", resident_bytes())
    yield Sample("process_cpu_seconds_total", used.ru_utime + used.ru_stime, kind="counter")
    if sys.platform == "linux":
        yield Sample("process_open_fds", sum(1 for _ in FILES.iterdir()))
