"""Reads openclaw.json into one frozen `Snapshot`, or says everything that is wrong with it at once.

The way: JSON5 → `${NAME}` → today's spelling → known keys → usable providers → absolute paths → typed models.
Nothing is written, and `source` keeps what the operator wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyjson5
from pydantic import ValidationError

from clawfleet.config.advice import advice_on
from clawfleet.config.aliases import Normalised, normalise
from clawfleet.config.env import Instance
from clawfleet.config.keys import Problem, sort_keys
from clawfleet.config.layout import Json5Syntax, Node, doubles, lay_out, line_and_column, locate
from clawfleet.config.models.root import Config
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.places import with_absolute_paths
from clawfleet.config.substitute import substitute
from clawfleet.config.unusable import take_out_unusable
from clawfleet.config.write import read_exactly
from clawfleet.config.wrong import kind_of, problems_of
from clawfleet.core.errors import ConfigError

DEFAULT_TREE: Mapping[str, object] = {
    "gateway": {"mode": "local", "http": {"endpoints": {"chatCompletions": {"enabled": True}}}}
}
"""What an instance without a config file runs with, and what its first `config set` starts from."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong: the key path (`<root>` for the whole file), what, and the line when it is known."""

    path: str
    message: str
    line: int | None = None


class ConfigInvalid(ConfigError):
    """The file cannot be used; `issues` has every reason, `path` the file."""

    code = "CONFIG_INVALID"

    def __init__(self, path: Path, issues: tuple[Issue, ...]) -> None:
        self.path = path
        self.issues = issues
        lines = "\n".join(issue_line(issue, path) for issue in issues)
        super().__init__(
            f"Invalid config at {path}:\n{lines}",
            hint='Run "openclaw doctor --fix" to repair, then retry.',
            issues=[{"path": issue.path, "message": issue.message} for issue in issues],
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file at one moment. `source` is what it says (`${NAME}` unresolved), `config` what it means.

    `environ` is what `${NAME}` and provider keys are looked up in: the instance's
    environment and, below it, the file's own `env.vars`.
    """

    path: Path
    exists: bool
    text: str = field(repr=False)
    source: Mapping[str, object] = field(repr=False)
    config: Config
    warnings: tuple[Issue, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def load_config(instance: Instance) -> Snapshot:
    """The checked config of an instance; without a file the built-in one, with `exists` False.

    Raises ConfigInvalid, and ConfigError for a file that cannot be read (exit 78).
    """
    path = instance.config_path
    try:
        text = read_exactly(path)
    except (FileNotFoundError, NotADirectoryError):
        return _checked(instance, "", DEFAULT_TREE)
    except UnicodeDecodeError as error:
        raise ConfigInvalid(path, (Issue("<root>", f"not UTF-8: byte {error.start + 1} is no character"),)) from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="it must be a file you own") from error
    return check_text(instance, text)


def check_text(instance: Instance, text: str) -> Snapshot:
    """What `text` would mean as the instance's config file. Raises ConfigInvalid."""
    return _checked(instance, text, parse_text(text, instance.config_path))


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
    place = f"{path.name}:{issue.line} — " if issue.line is not None else ""
    return f"  × {place}{issue.path}: {issue.message}"


def _checked(instance: Instance, text: str, source: Mapping[str, object]) -> Snapshot:
    environ = _environ_with_vars(source, instance.environ)
    resolved, missing = substitute(source, environ)
    done = normalise(resolved if isinstance(resolved, dict) else {})
    known = sort_keys(done.tree)
    tree = known.tree if isinstance(known.tree, dict) else {}
    provider_errors, provider_warnings = take_out_unusable(tree)
    config, type_errors = _typed(with_absolute_paths(tree, instance.path))
    say = _Speaker(text, done)
    wrong = say.issues([*known.errors, *provider_errors, *type_errors], written=done.errors)
    errors = _in_file_order([*wrong, *say.doubles()])
    if config is None or errors:
        raise ConfigInvalid(instance.config_path, errors)
    unset = [
        Problem(path, f'Missing env var "{name}" - feature using this value will be unavailable')
        for path, name in missing
    ]
    warnings = say.issues([*known.warnings, *provider_warnings, *advice_on(config)], written=[*unset, *done.notes])
    return Snapshot(instance.config_path, text != "", text, source, config, warnings, environ)


def _typed(tree: Mapping[str, object]) -> tuple[Config | None, list[Problem]]:
    try:
        return Config.model_validate(tree), []
    except ValidationError as error:
        return None, problems_of(error)


def _environ_with_vars(source: Mapping[str, object], environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, and below it the variables that the file itself sets."""
    env = source.get("env")
    if not isinstance(env, dict):
        return environ
    nested = env.get("vars")
    own = {**env, **(nested if isinstance(nested, dict) else {})}
    resolved, _ = substitute({name: value for name, value in own.items() if isinstance(value, str)}, environ)
    return {**(resolved if isinstance(resolved, dict) else {}), **environ}


def _syntax_issue(text: str, error: Exception) -> Issue:
    """What is wrong with the text, and where. pyjson5 judges; our own reader explains."""
    try:
        lay_out(text)
    except Json5Syntax as found:
        return Issue("<root>", f"JSON5 parse failed: {found}", found.line)
    return Issue("<root>", f"JSON5 parse failed: {error.args[0] if error.args else type(error).__name__}")


class _Speaker:
    """Turns problems into issues with the path and line that the operator wrote."""

    def __init__(self, text: str, done: Normalised) -> None:
        self._text = text
        self._done = done
        self._root: Node | None = None

    def issues(self, problems: Iterable[Problem], *, written: Iterable[Problem]) -> tuple[Issue, ...]:
        """Issues of `problems`, whose paths are today's, and of those whose paths are as `written`; in file order."""
        moved = [
            Problem(self._done.written_at(p.path), p.message, self._done.written_at(p.at or p.path)) for p in problems
        ]
        places = [*moved, *written]
        return _in_file_order(Issue(show_path(p.path), p.message, self._line(p.at or p.path)) for p in places)

    def doubles(self) -> Iterator[Issue]:
        """One issue for each place of a key that stands more than once in its object; parsers keep only the last."""
        if root := self._layout():
            for path, start in doubles(root):
                yield Issue(show_path(path), "a key may stand only once", line_and_column(self._text, start)[0])

    def _line(self, path: KeyPath) -> int | None:
        root = self._layout() if path else None
        member = locate(root, path)[0] if root else None
        return line_and_column(self._text, member.start)[0] if member else None

    def _layout(self) -> Node | None:
        if self._root is None and self._text:
            # pyjson5 is more generous here and there; what is told by the layout is not worth a failure
            with suppress(Json5Syntax):
                self._root = lay_out(self._text)
        return self._root


def _in_file_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple(sorted(issues, key=lambda issue: issue.line or 0))
