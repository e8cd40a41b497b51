"""`config.schema` and `config.schema.lookup`: which keys the config has, for forms. Source: protocol §12."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import Field

from clawfleet.config.describe import Described, Hint, all_hints, describe
from clawfleet.config.key_index import ANY
from clawfleet.config.path import BadPath, KeyPath, parse_path
from clawfleet.config.plan import kind_of
from clawfleet.config.roster import ENTRIES, LIST
from clawfleet.config.schema import form_schema
from clawfleet.core.clock import iso_time
from clawfleet.core.errors import RequestError
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method

ROOT_WORDS = frozenset({".", "/", ANY})


class PathUnknown(RequestError):
    """No key is described there."""

    code = "CONFIG_PATH_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("config schema path not found")


class HintRow(Result):
    """How a form shows a key. `sensitive` stands only at secrets."""

    label: str
    help: str | None = None
    sensitive: bool | None = None

    @classmethod
    def of(cls, hint: Hint) -> HintRow:
        """The wire form of `hint`."""
        return cls(label=hint.label, help=hint.help, sensitive=hint.sensitive or None)


class ConfigSchema(Result):
    """The answer of `config.schema`: the file's JSON Schema and a hint for each key."""

    schema_: dict[str, Any] = Field(alias="schema")
    ui_hints: dict[str, HintRow]
    version: str
    generated_at: str


class LookupParams(Params):
    """A key path; `.` is the whole file."""

    path: str = Field(min_length=1, max_length=1024)


class ChildRow(Result):
    """One key below the one that was asked for."""

    key: str
    path: str
    type: str | list[str] | None = None
    required: bool
    has_children: bool
    reload_kind: str
    hint: HintRow
    hint_path: str


class ConfigLookup(Result):
    """The answer of `config.schema.lookup`. `reloadKind` says what a change there asks of the running gateway."""

    path: str
    schema_: dict[str, Any] = Field(alias="schema")
    reload_kind: str
    hint: HintRow
    hint_path: str
    children: list[ChildRow]


@method("config.schema", scope="operator.read")
async def config_schema(call: Call, params: NoParams) -> ConfigSchema:
    """Everything that the config may say."""
    schema, hints = await asyncio.to_thread(lambda: (form_schema(), all_hints()))
    return ConfigSchema(
        schema=schema,
        ui_hints={path: HintRow.of(hint) for path, hint in hints.items()},
        version=call.gateway.vitals.version,
        generated_at=iso_time(call.gateway.vitals.started_at_ms),
    )


@method("config.schema.lookup", scope="operator.read")
async def lookup_schema(call: Call, params: LookupParams) -> ConfigLookup:
    """What the config may say at one place."""
    path = _path_of(params.path)
    found = describe(path)
    if found is None:
        raise PathUnknown
    below = [child for key in found.children if (child := describe(key)) is not None]
    return ConfigLookup(
        path=params.path,
        schema=dict(found.schema),
        reload_kind=kind_of(path),
        hint=HintRow.of(found.hint),
        hint_path=_shown(path) or params.path,
        children=[_child(child) for child in below],
    )


def _path_of(text: str) -> KeyPath:
    """The path that is meant; agents have one place, whatever the roster is called. Raises `PathUnknown`."""
    if text.strip() in ROOT_WORDS:
        return ()
    try:
        path = parse_path(text.replace("/", ".").strip("."))
    except BadPath:
        raise PathUnknown from None
    return (*ENTRIES, *path[2:]) if path[:2] == LIST else path


def _child(child: Described) -> ChildRow:
    kind = child.schema.get("type")
    return ChildRow(
        key=str(child.path[-1]),
        path=_shown(child.path),
        type=kind if isinstance(kind, str | list) else None,
        required=child.required,
        has_children=bool(child.children),
        reload_kind=kind_of(child.path),
        hint=HintRow.of(child.hint),
        hint_path=_shown(child.path),
    )


def _shown(path: KeyPath) -> str:
    return ".".join(map(str, path))
