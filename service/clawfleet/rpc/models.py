"""`models.list`: which models there are and which can be used. Source: protocol §12."""

from __future__ import annotations

from typing import Literal

from clawfleet.models.adapters import ADAPTERS
from clawfleet.models.catalog import ModelRow as CatalogRow
from clawfleet.models.hosts import nearness
from clawfleet.models.thinking import default_level, levels
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class ModelsListParams(Params):
    """`view` default and configured: what can be used or was configured; all: the rest of the catalog too.

    `include_details` tells of each model whether it is near, and lists what the operator wrote down in any case.
    `refresh` asks local servers for their models first; the catalog is always prepared, so that `prepared_only` changes
    nothing.
    """

    view: Literal["default", "configured", "provider-config", "all"] = "default"
    include_details: bool = False
    prepared_only: bool = False
    refresh: bool = False
    agent_id: str | None = None


class ThinkingLevel(Result):
    """One step of how hard a model may be told to think."""

    id: str
    label: str


class ModelRow(Result):
    """One model."""

    id: str
    name: str
    provider: str
    context_window: int
    reasoning: bool
    input: list[str]
    local: bool | None = None
    thinking_levels: list[ThinkingLevel]
    thinking_default: str
    available: bool
    unavailable_reason: Literal["missing-auth", "cooldown"] | None = None
    tags: list[str]


class ModelsList(Result):
    """The answer of `models.list`. `default_models` comes with the view `configured`; `automaticUtilityModel` is null,
    chores beside turns have no model of their own."""

    models: list[ModelRow]
    default_models: dict[str, str | None] | None = None


@method("models.list", scope="operator.read")
async def list_models(call: Call, params: ModelsListParams) -> ModelsList:
    """Models in catalog order, those left out that the agent may not use; tags say what each is to the agent."""
    models, agent = call.gateway.models, call.gateway.roster.get(params.agent_id)
    await models.ring.refresh()
    if params.refresh:
        await models.ask_local()
    catalog = models.catalog
    default = catalog.default(agent.id)
    rows = [
        row
        for row in catalog.rows
        if params.view == "all"
        or row.ref == default
        or (params.include_details and catalog.declares(row.ref))
        or (row.available and catalog.allows(row.ref, agent.id))
    ]
    tags = catalog.tags(agent.id)
    near = {setup.id for setup in catalog.setups if nearness(setup.base_url) != "remote"} | {"demo"}
    return ModelsList(
        models=[
            _row(
                row,
                tags.get(row.ref, []),
                local=row.ref.provider in near if params.include_details else None,
                rests=row.available and models.rests(row.ref, agent.id),
            )
            for row in rows
        ],
        default_models={"automaticUtilityModel": None} if params.view == "configured" else None,
    )


def _row(row: CatalogRow, tags: list[str], *, local: bool | None, rests: bool) -> ModelRow:
    lacks_key = row.api in ADAPTERS and not row.available
    return ModelRow(
        id=row.ref.model,
        name=row.name,
        provider=row.ref.provider,
        context_window=row.context_window,
        reasoning=row.reasoning,
        input=list(row.input),
        local=local,
        thinking_levels=[ThinkingLevel(id=level, label=level) for level in levels(row)],
        thinking_default=default_level(row),
        available=row.available and not rests,
        unavailable_reason="missing-auth" if lacks_key else "cooldown" if rests else None,
        tags=tags,
    )
