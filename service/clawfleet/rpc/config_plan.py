"""`config.plan`: what taking up the config file as it is now would change in this gateway. Our own; reads only."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from clawfleet.config.plan import Change, Kind
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class ChangeRow(Result):
    """One key that differs; secrets read `__OPENCLAW_REDACTED__`, what is not set is null."""

    path: str
    old: Any
    new: Any
    kind: Kind

    @classmethod
    def of(cls, change: Change) -> ChangeRow:
        """The wire form of `change`."""
        return cls(path=change.path, old=change.old, new=change.new, kind=change.kind)


class ConfigPlan(Result):
    """The answer of `config.plan`. `mode` is what `gateway.reload.mode` will be."""

    keeps_none: ClassVar[bool] = True

    path: str
    mode: str
    restarts: bool
    changes: list[ChangeRow]


@method("config.plan", scope="operator.admin")
async def plan_config(call: Call, params: NoParams) -> ConfigPlan:
    """What differs between the running config and the file, and what each difference asks for."""
    planned = await asyncio.to_thread(call.gateway.control.planned)
    return ConfigPlan(
        path=str(planned.snapshot.path),
        mode=planned.snapshot.config.gateway.reload.mode,
        restarts=planned.restarts,
        changes=[ChangeRow.of(change) for change in planned.changes],
    )
