"""`cron.list|status|runs|get`: the scheduler's tables. No scheduler runs in this release, and the answers say so."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from pydantic import Field, model_validator

from clawfleet.core.errors import RequestError
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method

DEFAULT_LIMIT = 50


class NoSuchJob(RequestError):
    """A request names an automation that is not there."""

    code = "CRON_JOB_NOT_FOUND"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"cron job not found: {job_id}", hint="this gateway runs no automations yet", jobId=job_id)


class PageParams(Params):
    """Part of a list."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=200)
    offset: int = Field(default=0, ge=0)


class CronJobs(Result):
    """The answer of `cron.list`. `snapshot_revision` is the digest of the whole list."""

    keeps_none: ClassVar[bool] = True

    jobs: list[dict[str, Any]]
    snapshot_revision: str
    total: int
    offset: int
    limit: int
    has_more: bool
    next_offset: int | None
    delivery_previews: dict[str, Any]


@method("cron.list", scope="operator.read")
async def list_jobs(call: Call, params: PageParams) -> CronJobs:
    """The automations: none."""
    return CronJobs(
        jobs=[],
        snapshot_revision=f"sha256:{hashlib.sha256(b'[]').hexdigest()}",
        total=0,
        offset=params.offset,
        limit=params.limit,
        has_more=False,
        next_offset=None,
        delivery_previews={},
    )


class CronStatus(Result):
    """The answer of `cron.status`. `store_path` is where automations would be kept."""

    keeps_none: ClassVar[bool] = True

    enabled: bool
    triggers_enabled: bool
    store_path: str
    storage: str
    sqlite_path: str
    jobs: int
    next_wake_at_ms: int | None


@method("cron.status", scope="operator.read")
async def cron_status(call: Call, params: NoParams) -> CronStatus:
    """The scheduler: it does not run."""
    path = str(call.gateway.sessions.path)
    return CronStatus(
        enabled=False,
        triggers_enabled=False,
        store_path=path,
        storage="sqlite",
        sqlite_path=path,
        jobs=0,
        next_wake_at_ms=None,
    )


class CronRuns(Result):
    """The answer of `cron.runs`."""

    keeps_none: ClassVar[bool] = True

    entries: list[dict[str, Any]]
    total: int
    offset: int
    limit: int
    has_more: bool
    next_offset: int | None


@method("cron.runs", scope="operator.read")
async def list_runs(call: Call, params: PageParams) -> CronRuns:
    """What automations did: nothing."""
    return CronRuns(entries=[], total=0, offset=params.offset, limit=params.limit, has_more=False, next_offset=None)


class CronGetParams(Params):
    """The id of an automation, under either of its names."""

    id: str = ""
    job_id: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> CronGetParams:
        if not (self.id or self.job_id):
            raise ValueError("must have required property 'id'")
        return self


@method("cron.get", scope="operator.read")
async def get_job(call: Call, params: CronGetParams) -> Result:
    """One automation. There is none, so every id is `CRON_JOB_NOT_FOUND`."""
    raise NoSuchJob(params.id or params.job_id)
