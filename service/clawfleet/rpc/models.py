"""`models.list`: which models there are and which can be used. Source: protocol §12."""

from __future__ import annotations

from typing import Literal

from clawfleet.models.adapters import ADAPTERS
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class ModelsListParams(Params):
    """`view` default and configured: what can be used or was configured; all: the rest of the catalog too."""

    view: Literal["default", "configured", "provider-config", "all"] = "default"
    agent_id: str | None = None


class ModelRow(Result):
    """One model."""

    id: str
    name: str
    provider: str
    context_window: int
    reasoning: bool
    input: list[str]
    available: bool
    unavailable_reason: Literal["missing-auth"] | None = None
    tags: list[str]


class ModelsList(Result):
    """The answer of `models.list`."""

    models: list[ModelRow]


@method("models.list", scope="operator.read")
async def list_models(call: Call, params: ModelsListParams) -> ModelsList:
    """Models in catalog order; the agent's default one carries the tag `default`."""
    catalog = call.gateway.models.catalog
    agent = call.gateway.roster.get(params.agent_id)
    default = catalog.default(agent.id)
    rows = [row for row in catalog.rows if row.available or params.view == "all" or row.ref == default]
    return ModelsList(
        models=[
            ModelRow(
                id=row.ref.model,
                name=row.name,
                provider=row.ref.provider,
                context_window=row.context_window,
                reasoning=row.reasoning,
                input=list(row.input),
                available=row.available,
                unavailable_reason="missing-auth" if row.api in ADAPTERS and not row.available else None,
                tags=["default"] if row.ref == default else [],
            )
            for row in rows
        ]
    )
