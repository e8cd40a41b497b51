"""This gateway's own protocol as JSON Schema: frames, methods with their terms, events with their scopes."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from clawfleet.protocol import limits, scopes
from clawfleet.protocol.handshake import ConnectParams
from clawfleet.protocol.shapes import FRAMES
from clawfleet.rpc.registry import Method

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def gateway_schema(methods: Mapping[str, Method], events: Iterable[str]) -> dict[str, Any]:
    """One JSON document: `$defs` holds the shapes that frames, parameters and results refer to."""
    definitions: dict[str, Any] = {}
    frames = {model.__name__: _schema(model, "validation", definitions) for model in FRAMES}
    return {
        "$schema": DIALECT,
        "title": "OpenClaw gateway protocol as this gateway speaks it",
        "protocol": {"version": limits.PROTOCOL, "oldest": limits.OLDEST_PROTOCOL},
        "limits": {
            "maxPayload": limits.MAX_FRAME,
            "maxBufferedBytes": limits.MAX_BUFFERED,
            "maxPayloadBeforeConnect": limits.MAX_FRAME_BEFORE_CONNECT,
            "handshakeMs": round(limits.HANDSHAKE_S * 1000),
            "tickIntervalMs": limits.TICK_INTERVAL_MS,
        },
        "scopes": list(scopes.SCOPES),
        "frames": frames,
        "connect": _schema(ConnectParams, "validation", definitions),
        "methods": {name: _method(method, definitions) for name, method in sorted(methods.items())},
        "events": {name: {"scope": scopes.event_scope(name)} for name in events},
        "$defs": dict(sorted(definitions.items())),
    }


def _method(method: Method, definitions: dict[str, Any]) -> dict[str, Any]:
    terms = method.terms
    return {
        "description": " ".join(inspect.cleandoc(method.run.__doc__ or "").split()),
        "role": terms.role,
        "scope": terms.scope,
        "scopeDependsOnParams": terms.further is not None,
        "advertised": terms.advertised,
        "controlPlaneWrite": terms.limited,
        "params": _schema(method.params, "validation", definitions),
        "result": _schema(typing.get_type_hints(method.run)["return"], "serialization", definitions),
    }


def _schema(shape: Any, mode: JsonSchemaMode, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(shape).json_schema(mode=mode, ref_template="#/$defs/{model}")
    definitions.update(schema.pop("$defs", {}))
    return schema
