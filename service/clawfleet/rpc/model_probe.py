"""`models.probe`: which keys of a provider work, by asking it for a word with each. Source: models-and-auth §11."""

from __future__ import annotations

from pydantic import Field

from clawfleet.config.provider_ids import provider_id
from clawfleet.models.probing import TIMEOUT_MS, Answer, Manner, Probed, probe, worst_of
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method

MOST_MS = 120_000


class ProbeParams(Params):
    """Whose keys are tried; one of them, when `profile_id` names it."""

    provider: str = Field(min_length=1)
    profile_id: str | None = Field(None, min_length=1)
    timeout_ms: int = Field(TIMEOUT_MS, ge=1)
    agent_id: str | None = None


class ProbeRow(Result):
    """What one key got."""

    profile_id: str | None = None
    label: str
    status: Answer
    latency_ms: int | None = None
    error: str | None = None

    @classmethod
    def of(cls, row: Probed) -> ProbeRow:
        """The row of a key."""
        return cls(
            profile_id=row.profile_id, label=row.label, status=row.status, latency_ms=row.latency_ms, error=row.error
        )


class ProbeResult(Result):
    """The answer of `models.probe`; its own status is that of the best key."""

    provider: str
    status: Answer
    latency_ms: int | None = None
    error: str | None = None
    results: list[ProbeRow]


@method("models.probe", scope="operator.admin")
async def probe_provider(call: Call, params: ProbeParams) -> ProbeResult:
    """Ask the provider with each key; costs a few tokens each."""
    models, provider = call.gateway.models, provider_id(params.provider)
    agent = call.gateway.roster.get(params.agent_id)
    only = (params.profile_id,) if params.profile_id else ()
    rows = await probe(models, provider, agent.id, Manner(min(params.timeout_ms, MOST_MS), profiles=only))
    best = worst_of(rows)
    return ProbeResult(
        provider=provider,
        status=best.status,
        latency_ms=best.latency_ms,
        error=best.error,
        results=[ProbeRow.of(row) for row in rows],
    )
