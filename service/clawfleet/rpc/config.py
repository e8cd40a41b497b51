"""`config.get`: what this gateway runs with, secrets blanked. Source: protocol §12."""

from __future__ import annotations

from typing import Any, ClassVar

from clawfleet.config.redacted import redacted
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class ConfigIssue(Result):
    """Something noteworthy at a key path."""

    path: str
    message: str


class ConfigGet(Result):
    """The answer of `config.get`: `parsed` is the file's tree, `config` the typed config with its defaults."""

    keeps_none: ClassVar[bool] = True

    path: str
    exists: bool
    raw: str | None
    parsed: dict[str, Any]
    source_config: dict[str, Any]
    resolved: dict[str, Any]
    runtime_config: dict[str, Any]
    config: dict[str, Any]
    valid: bool
    hash: str
    applied_config_hash: str
    issues: list[ConfigIssue]
    warnings: list[ConfigIssue]
    legacy_issues: list[ConfigIssue]


@method("config.get", scope="operator.read")
async def get_config(call: Call, params: NoParams) -> ConfigGet:
    """The config of the running gateway; secrets read `__OPENCLAW_REDACTED__`."""
    snapshot = call.gateway.snapshot
    source = redacted(dict(snapshot.source))
    runtime = redacted(snapshot.config.model_dump(mode="json", by_alias=True, exclude_none=True))
    return ConfigGet(
        path=str(snapshot.path),
        exists=snapshot.exists,
        raw=None,
        parsed=source,
        source_config=source,
        resolved=runtime,
        runtime_config=runtime,
        config=runtime,
        valid=True,
        hash=call.gateway.live.hash_of(snapshot.text),
        applied_config_hash=call.gateway.applied_hash,
        issues=[],
        warnings=[ConfigIssue(path=issue.path, message=issue.message) for issue in snapshot.warnings],
        legacy_issues=[],
    )
