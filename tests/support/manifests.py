"""YAML and the published schemas of Compose and Kubernetes, for tests of what `deploy/` holds: fetched when needed."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

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


def kubernetes_schema(api: str, kind: str) -> dict[str, Any]:
    """The schema of one kind of Kubernetes object, every key of it known."""
    group, _, version = api.rpartition("/")
    name = "-".join(part for part in (kind.lower(), group.partition(".")[0], version) if part)
    folder = wheel(KUBERNETES) / "kubernetes_validate" / "kubernetes-json-schema" / KUBERNETES_SCHEMAS
    return _json(folder / f"{name}.json")


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
