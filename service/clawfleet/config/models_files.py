"""Lays the `models.json` of agents, which older releases wrote, over the providers of the config. Read, never written.

The default agent's file comes first; of a provider that several files have, the first counts. Source: models-and-auth
§3.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from clawfleet.config.env import Instance
from clawfleet.config.models.providers import ModelEntry, ModelProvider
from clawfleet.config.models.root import Config
from clawfleet.config.provider_ids import provider_id

NAME = "models.json"
MOST_BYTES = 4 * 1024 * 1024
MARKERS = ("secretref-managed", "secretref-env:")
"""What stands in a file for a secret that it does not hold."""


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The config with what the files add, and what is to be said of those that cannot be used."""

    config: Config
    notes: tuple[str, ...] = ()


def with_models_files(instance: Instance, config: Config, source: Mapping[str, Any]) -> Overlaid:
    """`config` with the providers and models that agents' files add; as it is with `models.mode` "replace".

    `source` is the config as it is written: a key that it refers to is not replaced by a file's.
    """
    if config.models.mode == "replace" or not (files := _files(instance, config)):
        return Overlaid(config)
    notes: list[str] = []
    providers = dict(config.models.providers)
    seen: set[str] = set()
    for file in files:
        for name, row in _rows(file, instance.shown(file), notes):
            key = next((each for each in providers if provider_id(each) == provider_id(name)), provider_id(name))
            if key not in seen:
                seen.add(key)
                providers[key] = _merged(providers.get(key), row, is_managed=_refers(source, key))
    models = config.models.model_copy(update={"providers": providers})
    return Overlaid(config.model_copy(update={"models": models}), tuple(notes))


def _files(instance: Instance, config: Config) -> list[Path]:
    """Those that are there, the default agent's first."""
    entries = config.agents.entries
    default = next((name for name, entry in entries.items() if entry.default), next(iter(entries), "main"))
    names = dict.fromkeys((default, *(entries or ("main",))))
    return [file for name in names if (file := instance.agent_dir(name) / NAME).is_file()]


def _rows(file: Path, shown: str, notes: list[str]) -> Iterator[tuple[str, ModelProvider]]:
    """(provider id, what the file says of it) of each that can be used."""
    try:
        text = file.read_bytes() if file.stat().st_size <= MOST_BYTES else b""
        tree = json.loads(text)
    except (OSError, ValueError) as error:
        notes.append(f"{shown} is left out: {error.strerror if isinstance(error, OSError) else 'it is no JSON'}")
        return
    rows = tree.get("providers") if isinstance(tree, Mapping) else None
    for name, row in rows.items() if isinstance(rows, Mapping) else ():
        try:
            yield name, _provider(row, f"{NAME}: {shown}")
        except (ValidationError, TypeError):
            notes.append(f"provider {name} in {shown} is left out: it is not one that this gateway can call")


def _provider(row: Mapping[str, Any], place: str) -> ModelProvider:
    """What a file says of a provider; markers that stand for secrets are no secrets."""
    known = {"baseUrl", "api", "apiKey", "headers", "models"}
    said = {key: value for key, value in dict(row).items() if key in known and value not in (None, "", [], {})}
    if str(said.get("apiKey", "")).startswith(MARKERS):
        del said["apiKey"]
    if isinstance(headers := said.get("headers"), Mapping):
        said["headers"] = {key: value for key, value in headers.items() if not str(value).startswith(MARKERS)}
    return ModelProvider.model_validate(said).kept_in(place)


def _merged(written: ModelProvider | None, file: ModelProvider, *, is_managed: bool) -> ModelProvider:
    """The file's address, key and headers before the config's; models of both, in which the config's words count."""
    if written is None:
        return file if file.models is not None else file.model_copy(update={"models": ()})
    update: dict[str, Any] = {"base_url": file.base_url or written.base_url}
    if "api" not in written.model_fields_set and "api" in file.model_fields_set:
        update["api"] = file.api
    if not is_managed:
        update["headers"] = file.headers or written.headers
    if file.models:
        update["models"] = _united(written.models or (), file.models)
    merged = written.model_copy(update=update)
    if is_managed or file.api_key is None or _same(file.api_key, written.api_key):
        return merged
    return merged.model_copy(update={"api_key": file.api_key}).kept_in(file.key_place or "")


def _united(written: tuple[ModelEntry, ...], others: tuple[ModelEntry, ...]) -> tuple[ModelEntry, ...]:
    there = {entry.id: entry for entry in others}
    own = tuple(
        entry.model_copy(update=_more(entry, there[entry.id])) if entry.id in there else entry for entry in written
    )
    ids = {entry.id for entry in written}
    return (*own, *(entry for entry in others if entry.id not in ids))


def _more(entry: ModelEntry, other: ModelEntry) -> dict[str, Any]:
    """What the config does not say of a model."""
    return {name: getattr(other, name) for name in other.model_fields_set - entry.model_fields_set}


def _same(one: SecretStr, other: SecretStr | None) -> bool:
    return other is not None and one.get_secret_value() == other.get_secret_value()


def _refers(source: Mapping[str, Any], name: str) -> bool:
    """Whether the config only refers to the key of a provider."""
    models = source.get("models")
    rows = models.get("providers") if isinstance(models, Mapping) else None
    row = rows.get(name) if isinstance(rows, Mapping) else None
    key = row.get("apiKey") if isinstance(row, Mapping) else None
    return isinstance(key, Mapping) or (isinstance(key, str) and "$" in key)
