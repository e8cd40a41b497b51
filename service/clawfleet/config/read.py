"""A config text as a tree, its includes in their places, and what is wrong with a text that is none.

Imports no models: commands that only look something up do not pay for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyjson5

from clawfleet.config.env import Instance
from clawfleet.config.include import IncludeFault, Includes
from clawfleet.config.json_kind import kind_of
from clawfleet.config.layout import Json5Syntax, lay_out
from clawfleet.core.errors import ConfigError

DEFAULT_TREE: Mapping[str, object] = {
    "gateway": {"mode": "local", "http": {"endpoints": {"chatCompletions": {"enabled": True}}}}
}
"""What an instance without a config file runs with, and what its first `config set` starts from."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong: the key path (`<root>` for the whole file), what, and the line when it is known.

    `file` is the included file that holds the key; None: the config file itself.
    """

    path: str
    message: str
    line: int | None = None
    file: Path | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ConfigInvalid(ConfigError):
    """The file cannot be used; `issues` has every reason, `path` the file, `included` the files that it includes."""

    code = "CONFIG_INVALID"

    def __init__(
        self, path: Path, issues: tuple[Issue, ...], included: Mapping[Path, str | None] | None = None
    ) -> None:
        self.path = path
        self.issues = issues
        self.included = included or {}
        lines = "\n".join(issue_line(issue, path) for issue in issues)
        super().__init__(
            f"Invalid config at {path}:\n{lines}",
            hint='Run "openclaw doctor --fix" to repair, then retry.',
            issues=[{"path": issue.path, "message": issue.message} for issue in issues],
        )


def parse_text(text: str, path: Path) -> Mapping[str, object]:
    """The tree of a config text as it is written. Raises ConfigInvalid when it is not one JSON5 object."""
    try:
        tree = pyjson5.decode(text)
    except pyjson5.Json5Exception as error:
        raise ConfigInvalid(path, (_syntax_issue(text, error),)) from None
    if not isinstance(tree, dict):
        message = f"Invalid input: expected object, received {kind_of(tree)}"
        raise ConfigInvalid(path, (Issue("<root>", message),))
    return tree


def issue_line(issue: Issue, path: Path) -> str:
    """An issue as `openclaw config validate` prints it."""
    place = f"{(issue.file or path).name}:{issue.line} — " if issue.line is not None else ""
    return f"  × {place}{issue.path}: {issue.message}"


def includes_of(instance: Instance, beside: Mapping[Path, str] | None = None) -> Includes:
    """The files that the instance's config may include, `beside` in place of what is on disk."""
    includes = Includes.of(instance.config_path, instance.environ)
    includes.texts.update(beside or {})
    return includes


def expanded(instance: Instance, text: str, beside: Mapping[Path, str] | None = None) -> Mapping[str, object]:
    """The tree of a config text with what it includes. Raises ConfigInvalid."""
    return expand(instance, parse_text(text, instance.config_path), includes_of(instance, beside))


def expand(instance: Instance, written: Mapping[str, object], includes: Includes) -> Mapping[str, object]:
    """A written tree with what it includes; `includes.texts` has those files then. Raises ConfigInvalid."""
    try:
        source = includes.expand(written)
    except IncludeFault as error:
        raise ConfigInvalid(instance.config_path, (Issue("<root>", str(error)),), dict(includes.texts)) from None
    if not isinstance(source, Mapping):
        message = f"Invalid input: expected object, received {kind_of(source)}"
        raise ConfigInvalid(instance.config_path, (Issue("<root>", message),), dict(includes.texts))
    return source


def _syntax_issue(text: str, error: Exception) -> Issue:
    """What is wrong with the text, and where. pyjson5 judges; our own reader explains."""
    try:
        lay_out(text)
    except Json5Syntax as found:
        return Issue("<root>", f"JSON5 parse failed: {found}", found.line)
    return Issue("<root>", f"JSON5 parse failed: {error.args[0] if error.args else type(error).__name__}")
