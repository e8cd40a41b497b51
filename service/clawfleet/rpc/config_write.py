"""`config.set`, `config.apply` and `config.patch`: the file is changed only from a text that the client knows, only
to a config that can run, and what was written holds when the answer comes. Source: protocol §12.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from clawfleet.config.change import new_file_text, plan_rewrite
from clawfleet.config.load import Snapshot, check_text
from clawfleet.config.plan import changed_paths
from clawfleet.config.read import ConfigInvalid, expanded
from clawfleet.config.redacted import redacted
from clawfleet.config.rewrite import leaves_of, patched, read_raw, replaced
from clawfleet.config.write import change_files
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.rpc.call import Call, Gateway
from clawfleet.rpc.config import ConfigIssue
from clawfleet.rpc.registry import Params, Result, method, to_wire

CHECK_HINT = "Check the file with: openclaw config validate"
MAX_PATHS_NAMED = 5
MAX_DELAY_MS = 600_000
"""Longer than this no restart waits, whatever is asked."""

Edit = Callable[[str], str]


class HashMissing(RequestError):
    """A client would overwrite a file that it has not shown to know."""

    code = "CONFIG_BASE_HASH_REQUIRED"


class HashStale(RequestError):
    """Somebody else changed the file since the client read it."""

    code = "CONFIG_CHANGED"

    def __init__(self) -> None:
        super().__init__("config changed since last load; re-run config.get and retry")


class ConfigRefused(RequestError):
    """What a client wants to write is no valid config."""

    code = "CONFIG_INVALID"

    def __init__(self, error: ConfigInvalid) -> None:
        told = "; ".join(f"{issue.path}: {issue.message}" for issue in error.issues)
        super().__init__(f"invalid config: {told}", issues=[to_wire(ConfigIssue.of(issue)) for issue in error.issues])


class ConfigSetParams(Params):
    """A whole config as JSON5, and the `hash` of `config.get` that it was made from."""

    raw: str = Field(min_length=1)
    base_hash: str | None = None


class ConfigApplyParams(ConfigSetParams):
    """Besides: the session and note to remember, and how long a restart waits for the answer to arrive."""

    session_key: str | None = None
    note: str | None = None
    restart_delay_ms: int | None = Field(None, ge=0)


class ConfigPatchParams(ConfigApplyParams):
    """`raw` is merged into the file, null takes away; below `replace_paths` objects replace instead."""

    replace_paths: list[str] = Field([], max_length=256)


class ConfigSet(Result):
    """The answer of `config.set`: `hash` and `config` are the written file's."""

    ok: Literal[True] = True
    path: str
    hash: str
    config: dict[str, Any]


class SentinelStats(Result):
    """What was done to which file, and whether a restart is on its way."""

    mode: str
    root: str
    requires_restart: bool


class SentinelPayload(Result):
    """What became of a change."""

    kind: str
    status: Literal["ok"] = "ok"
    ts: int
    session_key: str | None = Field(None, exclude_if=lambda key: key is None)
    message: str | None
    doctor_hint: str
    stats: SentinelStats


class Sentinel(Result):
    """The note that clients show after a change. `persisted` is false: nothing is said again after a restart."""

    persisted: bool = False
    payload: SentinelPayload


class ConfigApplied(ConfigSet):
    """The answer of `config.apply`."""

    keeps_none: ClassVar[bool] = True
    sentinel: Sentinel


class ConfigPatched(ConfigApplied):
    """The answer of `config.patch`."""

    changed_paths: list[str]


@method("config.set", scope="operator.admin")
async def set_config(call: Call, params: ConfigSetParams) -> ConfigSet:
    """Replace the config by another one."""
    written = await _write(call.gateway, params, lambda text: replaced(text, params.raw))
    return ConfigSet(**written.shown)


@method("config.apply", scope="operator.admin", limited=True)
async def apply_config(call: Call, params: ConfigApplyParams) -> ConfigApplied:
    """Replace the config by another one, and say whether it restarts the gateway."""
    written = await _write(call.gateway, params, lambda text: replaced(text, params.raw))
    return ConfigApplied(**written.shown, sentinel=_sentinel("config-apply", written, params))


@method("config.patch", scope="operator.admin", limited=True)
async def patch_config(call: Call, params: ConfigPatchParams) -> ConfigPatched:
    """Change some keys of the config."""
    patch = read_raw(params.raw)
    touched = list(leaves_of(patch))
    where = ", ".join(touched[:MAX_PATHS_NAMED]) + (" and more" if len(touched) > MAX_PATHS_NAMED else "")
    written = await _write(
        call.gateway, params, lambda text: patched(text, params.raw, params.replace_paths), where or "<root>"
    )
    return ConfigPatched(
        **written.shown,
        sentinel=_sentinel("config-patch", written, params),
        changed_paths=changed_paths(written.before, written.snapshot.source),
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """A file after a change; `before` is the tree that it held."""

    before: dict[str, Any]
    snapshot: Snapshot
    hash: str
    restarts: bool

    @property
    def shown(self) -> dict[str, Any]:
        """The part of the answer that all writers give."""
        return {
            "path": str(self.snapshot.path),
            "hash": self.hash,
            "config": redacted(dict(self.snapshot.source)),
        }


async def _write(gateway: Gateway, params: ConfigSetParams, edit: Edit, where: str | None = None) -> _Written:
    """Write what `edit` makes of the file, if the client knows the file and the gateway can run with it."""
    before, snapshot = await asyncio.to_thread(_change, gateway, params.base_hash, edit, where)
    asked_ms = params.restart_delay_ms if isinstance(params, ConfigApplyParams) else None
    delay_ms = None if asked_ms is None else min(asked_ms, MAX_DELAY_MS)
    reloaded = await gateway.control.reload(delay_ms=delay_ms)
    return _Written(before, snapshot, gateway.live.hash_of(snapshot.text), reloaded.restarts)


def _change(gateway: Gateway, base_hash: str | None, edit: Edit, where: str | None) -> tuple[dict[str, Any], Snapshot]:
    instance, done = gateway.instance, list[tuple[dict[str, Any], Snapshot]]()

    def change(old: str | None) -> Mapping[Path, str]:
        _check_base(gateway, old, base_hash, where)
        text = new_file_text() if old is None else old
        new = plan_rewrite(instance, old, edit)
        beside = {file: included for file, included in new.items() if file != instance.config_path}
        try:
            snapshot = check_text(instance, new[instance.config_path], beside=beside)
        except ConfigInvalid as error:
            raise ConfigRefused(error) from None
        gateway.control.check(snapshot)
        done.append((dict(expanded(instance, text) if snapshot.included else read_raw(text)), snapshot))
        return new

    change_files(instance.config_path, instance.environ, change)
    return done[0]


def _check_base(gateway: Gateway, old: str | None, base_hash: str | None, where: str | None) -> None:
    """Raise `HashMissing`, `HashStale` unless the client knows what the file says; what is not there nobody knows."""
    if base_hash is None and old is None:
        return
    if base_hash is None:
        retry = f" for {where}; re-run config.get and retry with baseHash" if where else "; re-run config.get and retry"
        raise HashMissing(f"config base hash required{retry}")
    if base_hash != gateway.live.hash_of(old or ""):
        raise HashStale


def _sentinel(kind: str, written: _Written, params: ConfigApplyParams) -> Sentinel:
    return Sentinel(
        payload=SentinelPayload(
            kind=kind,
            ts=now_ms(),
            session_key=params.session_key,
            message=params.note,
            doctor_hint=CHECK_HINT,
            stats=SentinelStats(
                mode=kind.replace("-", "."), root=str(written.snapshot.path), requires_restart=written.restarts
            ),
        )
    )
