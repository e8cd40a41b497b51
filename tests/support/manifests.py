"""YAML and the published schemas of Compose and Kubernetes, for tests of what `deploy/` holds: fetched when needed."""

from __future__ import annotations

import importlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.support.npm import wheel

YAML = "PyYAML==6.0.3"
COMPOSE = "docker-compose==1.29.2"
KUBERNETES = "kubernetes-validate==1.37.0"
KUBERNETES_SCHEMAS = "v1.37.0-local-strict"


def documents(path: Path) -> list[Any]:
    """The documents of a YAML file."""
    folder = str(wheel(YAML))
    if folder not in sys.path:
        sys.path.append(folder)
    return list(importlib.import_module("yaml").safe_load_all(path.read_text(encoding="utf-8")))


def compose_schema() -> dict[str, Any]:
    """The Compose specification as JSON Schema."""
    return _json(wheel(COMPOSE) / "compose" / "config" / "compose_spec.json")


def check_object(item: dict[str, Any]) -> None:
    """A Kubernetes object has only keys that its kind has, of the right types. Raises ValidationError."""
    group, _, version = item["apiVersion"].rpartition("/")
    name = "-".join(part for part in (item["kind"].lower(), group.partition(".")[0], version) if part)
    definitions = DRAFT202012.create_resource(_json(_kubernetes() / "_definitions.json"))
    registry = Registry().with_resource("/api/_definitions.json", definitions)
    Draft202012Validator(_json(_kubernetes() / f"{name}.json"), registry=registry).validate(item)


def _kubernetes() -> Path:
    return wheel(KUBERNETES) / "kubernetes_validate" / "kubernetes-json-schema" / KUBERNETES_SCHEMAS


@cache
def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
