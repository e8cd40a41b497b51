"""Reads openclaw.json into one frozen `Snapshot`, or says everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyjson5
from pydantic import ValidationError

from clawfleet.config.env import Instance
from clawfleet.config.models.root import Config
from clawfleet.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong: the key path (`<root>` for the whole file), what, and the line when it is known."""

    path: str
    message: str
    line: int | None = None


class ConfigInvalid(ConfigError):
    """The file cannot be used; `issues` has every reason."""

    code = "CONFIG_INVALID"

    def __init__(self, path: Path, issues: tuple[Issue, ...]) -> None:
        super().__init__(f"Invalid config at {path}: " + "; ".join(f"{i.path}: {i.message}" for i in issues))
        self.path = path
        self.issues = issues


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file at one moment. `source` is what it says (`${NAME}` unresolved), `config` what it means."""

    path: Path
    exists: bool
    text: str
    source: Mapping[str, object]
    config: Config
    hash: str
    warnings: tuple[Issue, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


DEFAULT_TREE = {"gateway": {"mode": "local", "http": {"endpoints": {"chatCompletions": {"enabled": True}}}}}


def load_config(instance: Instance, *, allow_missing: bool = True) -> Snapshot:
    """The checked config; the built-in one (`exists` False) when there is no file. Raises ConfigInvalid (exit 78)."""
    path = instance.config_path
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    tree = pyjson5.decode(text) if text else DEFAULT_TREE
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigInvalid(path, (Issue("<root>", str(error)),)) from error
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Snapshot(path, bool(text), text, tree, config, digest, (), instance.environ)
