"""`config.get`: what the file says and what this gateway runs with, secrets blanked. Source: protocol §12."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot, load_config
from clawfleet.config.read import ConfigInvalid, Issue, parse_text
from clawfleet.config.redacted import redacted
from clawfleet.config.write import read_exactly
from clawfleet.rpc.call import Call, Current
from clawfleet.rpc.registry import NoParams, Result, method


class ConfigIssue(Result):
    """Something noteworthy at a key path, empty for the whole file."""

    path: str
    message: str

    @classmethod
    def of(cls, issue: Issue) -> ConfigIssue:
        """The wire form of `issue`."""
        return cls(path="" if issue.path == "<root>" else issue.path, message=issue.message)


class ConfigGet(Result):
    """The answer of `config.get`.

    `parsed` and `sourceConfig` are the file's tree, the others the typed config that runs. `hash` names the file's
    text; the config that is written and the one that runs are the same when `configRevisionHash` and
    `appliedConfigHash` are.
    """

    keeps_none: ClassVar[bool] = True

    path: str
    included_paths: list[str]
    include_provenance: list[str]
    agent_roster_include_owned: bool
    bindings_include_owned: bool
    exists: bool
    raw: str | None
    parsed: dict[str, Any]
    source_config: dict[str, Any]
    resolved: dict[str, Any]
    valid: bool
    runtime_config: dict[str, Any]
    config: dict[str, Any]
    hash: str
    issues: list[ConfigIssue]
    warnings: list[ConfigIssue]
    legacy_issues: list[ConfigIssue]
    config_revision_hash: str
    applied_config_hash: str


@method("config.get", scope="operator.read")
async def get_config(call: Call, params: NoParams) -> ConfigGet:
    """The config file as it is now and the config of the running gateway; secrets read `__OPENCLAW_REDACTED__`."""
    live = call.gateway.live
    current = live.current
    text, source, found = await asyncio.to_thread(_read, current)
    shown = redacted(dict(source))
    running = redacted(current.snapshot.config.model_dump(mode="json", by_alias=True, exclude_none=True))
    return ConfigGet(
        path=str(current.snapshot.path),
        included_paths=[str(file) for file in found.included] if isinstance(found, Snapshot) else [],
        include_provenance=[],
        agent_roster_include_owned=False,
        bindings_include_owned=False,
        exists=text is not None,
        raw=None,
        parsed=shown,
        source_config=shown,
        resolved=running,
        valid=isinstance(found, Snapshot),
        runtime_config=running,
        config=running,
        hash=live.hash_of(text or ""),
        issues=[] if isinstance(found, Snapshot) else [ConfigIssue.of(issue) for issue in found],
        warnings=[ConfigIssue.of(issue) for issue in found.warnings] if isinstance(found, Snapshot) else [],
        legacy_issues=[],
        config_revision_hash=live.revision_of(source),
        applied_config_hash=call.gateway.applied_hash,
    )


def _read(current: Current) -> tuple[str | None, Mapping[str, object], Snapshot | tuple[Issue, ...]]:
    """(the file's text, its tree, the config it makes or what is wrong with it)."""
    instance = current.instance
    try:
        snapshot = load_config(instance)
    except ConfigInvalid as error:
        text, tree = _unusable(instance)
        return text, tree, error.issues
    return (snapshot.text if snapshot.exists else None), snapshot.source, snapshot


def _unusable(instance: Instance) -> tuple[str, Mapping[str, object]]:
    """Text and tree of a file that is no valid config; nothing of what cannot be read."""
    try:
        text = read_exactly(instance.config_path)
    except (OSError, UnicodeDecodeError):
        return "", {}
    try:
        return text, parse_text(text, instance.config_path)
    except ConfigInvalid:
        return text, {}
