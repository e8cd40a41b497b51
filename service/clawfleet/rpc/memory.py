"""`doctor.memory.status`: how an agent's long-term memory does. There is none in this release."""

from __future__ import annotations

from typing import Any, ClassVar

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method

COUNTS = (
    *("shortTermCount", "recallSignalCount", "dailySignalCount", "groundedSignalCount", "totalSignalCount"),
    *("phaseSignalCount", "lightPhaseHitCount", "remPhaseHitCount", "promotedTotal", "promotedToday"),
)


class MemoryStatusParams(Params):
    """Whose memory."""

    agent_id: str | None = None


class Embedding(Result):
    """Whether texts can be looked for by meaning."""

    ok: bool
    checked: bool
    error: str


class MemoryStatus(Result):
    """The answer of `doctor.memory.status`. `dreaming` would be what is learnt from conversations at night."""

    keeps_none: ClassVar[bool] = True

    agent_id: str
    provider: str | None
    embedding: Embedding
    dreaming: dict[str, Any]


@method("doctor.memory.status", scope="operator.read")
async def memory_status(call: Call, params: MemoryStatusParams) -> MemoryStatus:
    """The memory of an agent: none, and nothing is learnt."""
    agent = call.gateway.roster.get(params.agent_id)
    return MemoryStatus(
        agent_id=agent.id,
        provider=None,
        embedding=Embedding(ok=False, checked=True, error="this gateway keeps no memory index"),
        dreaming={
            **{"enabled": False, "verboseLogging": False, "separateReports": False, "phases": {}},
            **dict.fromkeys(("shortTermEntries", "signalEntries", "promotedEntries"), ()),
            **dict.fromkeys(COUNTS, 0),
        },
    )
