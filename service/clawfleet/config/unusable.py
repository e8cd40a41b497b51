"""Keeps providers that cannot work yet out of the runtime: half-written ones and those of an unknown wire.

People add a provider key by key; every state in between must load. Of a known one only what differs need be said.
Source: config-and-cli §0, models-and-auth §3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from pydantic import ValidationError

from clawfleet.config.keys import Problem
from clawfleet.config.models.providers import ModelProvider, WireApi
from clawfleet.config.provider_ids import KNOWN_PROVIDERS, provider_id
from clawfleet.config.wrong import problems_of

_REQUIRED: Mapping[str, object] = {"baseUrl": "http://incomplete", "models": []}


def take_out_unusable(tree: dict[str, object]) -> tuple[list[Problem], list[Problem]]:
    """Remove providers that cannot work from `tree`; the (errors, warnings) about what they do say."""
    models = tree.get("models")
    providers = models.get("providers") if isinstance(models, dict) else None
    errors: list[Problem] = []
    warnings: list[Problem] = []
    if not isinstance(providers, dict):
        return errors, warnings
    for name, row in list(providers.items()):
        if not isinstance(row, dict):
            continue
        path = ("models", "providers", name)
        needed = row if provider_id(name) in KNOWN_PROVIDERS else _REQUIRED
        missing = [key for key in _REQUIRED if key in needed and row.get(key) in (None, "")]
        api = row.get("api")
        if isinstance(api, str) and api not in get_args(WireApi):
            warnings.append(Problem(path, f'provider skipped: unknown api "{api}"', at=(*path, "api")))
        elif missing:
            warnings.append(Problem(path, f"incomplete (missing {', '.join(missing)})"))
            errors += _errors_in({**row, **{key: _REQUIRED[key] for key in missing}}, path)
        else:
            continue
        del providers[name]
    return errors, warnings


def _errors_in(row: dict[str, object], path: tuple[str, ...]) -> list[Problem]:
    try:
        ModelProvider.model_validate(_without_refs(row))
    except ValidationError as error:
        return [Problem((*path, *problem.path), problem.message) for problem in problems_of(error)]
    return []


def _without_refs(node: object) -> object:
    """`node` with a text for each SecretRef: what it leads to is not known here."""
    if isinstance(node, Mapping):
        return "" if {"source", "id"} <= node.keys() else {key: _without_refs(value) for key, value in node.items()}
    return node
