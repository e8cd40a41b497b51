"""`update.status`: whether a newer release is known. This gateway asks nobody, so it knows of none."""

from __future__ import annotations

from typing import Any, ClassVar

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class UpdateStatusParams(Params):
    """`refresh_checkout` asks to look again; there is nothing to look at."""

    refresh_checkout: bool = False


class Install(Result):
    """How this gateway was installed."""

    kind: str


class Schedule(Result):
    """When updates come: never by themselves."""

    channel: str
    auto_enabled: bool
    install: Install


class UpdateStatus(Result):
    """The answer of `update.status`. `sentinel` tells of an update under way, `update_available` of a newer release."""

    keeps_none: ClassVar[bool] = True

    sentinel: dict[str, Any] | None
    update_available: dict[str, Any] | None
    effective_channel: str
    schedule: Schedule


@method("update.status", scope="operator.admin")
async def update_status(call: Call, params: UpdateStatusParams) -> UpdateStatus:
    """No newer release is known: none is looked for."""
    return UpdateStatus(
        sentinel=None,
        update_available=None,
        effective_channel="stable",
        schedule=Schedule(channel="stable", auto_enabled=False, install=Install(kind="package")),
    )
