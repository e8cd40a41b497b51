"""Reads openclaw.json into one frozen `Snapshot`, or says everything that is wrong with it at once.

The way: JSON5 → included files → `${NAME}` → today's spelling → known keys → usable providers → absolute paths →
secrets → typed models.
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
from clawfleet.config.include import Home, IncludeFault, Includes, WouldFlatten
from clawfleet.config.keys import Problem, sort_keys
from clawfleet.config.layout import Json5Syntax, Node, doubles, lay_out, line_and_column, locate
from clawfleet.config.models.environment import ShellEnv
from clawfleet.config.models.root import Config
from clawfleet.config.models_files import with_models_files
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.places import with_absolute_paths
from clawfleet.config.read import DEFAULT_TREE, ConfigInvalid, Issue, expand, includes_of, parse_text
from clawfleet.config.secret_refs import resolve_refs
from clawfleet.config.substitute import substitute
from clawfleet.config.untrusted import EXPECTED
from clawfleet.config.unusable import take_out_unusable
from clawfleet.config.write import read_exactly
from clawfleet.config.wrong import problems_of
from clawfleet.core.errors import ConfigError
from clawfleet.secrets.login_shell import login_shell_variables


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file at one moment. `source` is what it says (`${NAME}` unresolved), `config` what it means.

    `environ` is what `${NAME}` and provider keys are looked up in: the instance's environment and, below it, the
    file's own `env.vars` and the login shell's. `included` are the texts of the files that `$include` names, which
    `source` has in their place. `refs` counts the SecretRefs that were looked up and that were left for a program.
    """

    path: Path
    exists: bool
    text: str = field(repr=False)
    source: Mapping[str, object] = field(repr=False)
    config: Config
    warnings: tuple[Issue, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    included: Mapping[Path, str | None] = field(default_factory=dict, repr=False)
    refs: tuple[int, int] = (0, 0)

    @property
    def texts(self) -> tuple[object, ...]:
        """Everything that was read: the same again means that nothing was changed."""
        return self.text, *self.included.items()


def load_config(instance: Instance) -> Snapshot:
    """The checked config of an instance; without a file the built-in one, with `exists` False.

    Raises ConfigInvalid, and ConfigError for a file that cannot be read (exit 78).
    """
    path = instance.config_path
    try:
        text = read_exactly(path)
    except (FileNotFoundError, NotADirectoryError):
        return _Reading(instance).checked("", DEFAULT_TREE)
    except UnicodeDecodeError as error:
        raise ConfigInvalid(path, (Issue("<root>", f"not UTF-8: byte {error.start + 1} is no character"),)) from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="it must be a file you own") from error
    return check_text(instance, text)


def check_text(
    instance: Instance,
    text: str,
    *,
    run_programs: bool = True,
    beside: Mapping[Path, str] | None = None,
) -> Snapshot:
    """What `text` would mean as the instance's config file. Raises ConfigInvalid.

    Without `run_programs` secrets that a program hands out stay open. `beside` are texts of included files that are
    not yet on disk.
    """
    reading = _Reading(instance, run_programs=run_programs, beside=beside or {})
    return reading.checked(text, parse_text(text, instance.config_path))


@dataclass(slots=True)
class _Reading:
    """How one file is read."""

    instance: Instance
    run_programs: bool = True
    beside: Mapping[Path, str] = field(default_factory=dict)

    def checked(self, text: str, written: Mapping[str, object]) -> Snapshot:
        """The snapshot. Raises ConfigInvalid."""
        instance = self.instance
        includes = includes_of(instance, self.beside)
        source = expand(instance, written, includes)
        included = dict(includes.texts)
        environ = _environ_with_vars(source, instance)
        resolved, missing = substitute(source, environ)
        done = normalise(resolved if isinstance(resolved, dict) else {})
        known = sort_keys(done.tree)
        tree = known.tree if isinstance(known.tree, dict) else {}
        provider_errors, provider_warnings = take_out_unusable(tree)
        secured = resolve_refs(with_absolute_paths(tree, instance.path), environ, run_programs=self.run_programs)
        config, type_errors = _typed(secured.tree)
        say = _Speaker(text, done, includes)
        wrong = say.issues([*known.errors, *provider_errors, *secured.errors, *type_errors], written=done.errors)
        errors = _in_file_order([*wrong, *say.doubles()])
        if config is None or errors:
            raise ConfigInvalid(instance.config_path, errors, included)
        unset = [
            Problem(path, f'Missing env var "{name}" - feature using this value will be unavailable')
            for path, name in missing
        ]
        overlaid = with_models_files(instance, config, source)
        told = [*known.warnings, *provider_warnings, *secured.warnings, *advice_on(config)]
        return Snapshot(
            path=instance.config_path,
            exists=text != "",
            text=text,
            source=source,
            config=overlaid.config,
            warnings=(
                *say.issues(told, written=[*unset, *done.notes]),
                *(Issue("models.providers", note) for note in overlaid.notes),
            ),
            environ=environ,
            included=included,
            refs=(secured.checked, secured.skipped),
        )


def _typed(tree: Mapping[str, object]) -> tuple[Config | None, list[Problem]]:
    try:
        return Config.model_validate(tree), []
    except ValidationError as error:
        return None, problems_of(error)


def _environ_with_vars(source: Mapping[str, object], instance: Instance) -> Mapping[str, str]:
    """The environment, below it the variables that the file itself sets, and below those the login shell's."""
    env, environ = source.get("env"), instance.environ
    if not isinstance(env, dict):
        return environ
    nested = env.get("vars")
    own = {**env, **(nested if isinstance(nested, dict) else {})}
    resolved, _ = substitute({name: value for name, value in own.items() if isinstance(value, str)}, environ)
    mine = {**(resolved if isinstance(resolved, dict) else {}), **environ}
    return {**_of_login_shell(env.get("shellEnv"), instance), **mine}


def _of_login_shell(section: object, instance: Instance) -> Mapping[str, str]:
    """What a gateway may need and its login shell exports, where the file says that it is to be asked."""
    try:
        asked = ShellEnv.model_validate(section or {})
    except ValidationError:  # told with everything else that is wrong
        return {}
    if not asked.enabled:
        return {}
    found = login_shell_variables(instance.environ.get("SHELL", ""), str(instance.home), asked.timeout_ms)
    return {name: value for name, value in found.items() if name in EXPECTED}


class _Speaker:
    """Turns problems into issues with the path, file and line that the operator wrote."""

    def __init__(self, text: str, done: Normalised, includes: Includes) -> None:
        self._text = text
        self._done = done
        self._includes = includes
        self._layouts: dict[Path, Node | None] = {}

    def issues(self, problems: Iterable[Problem], *, written: Iterable[Problem]) -> tuple[Issue, ...]:
        """Issues of `problems`, whose paths are today's, and of those whose paths are as `written`; in file order."""
        moved = [
            Problem(self._done.written_at(p.path), p.message, self._done.written_at(p.at or p.path)) for p in problems
        ]
        return _in_file_order(
            Issue(show_path(p.path), p.message, *self._line_and_file(p.at or p.path)) for p in [*moved, *written]
        )

    def doubles(self) -> Iterator[Issue]:
        """One issue for each place of a key that stands more than once in its object; parsers keep only the last."""
        if root := self._layout(self._includes.file):
            for path, start in doubles(root):
                yield Issue(show_path(path), "a key may stand only once", line_and_column(self._text, start)[0])

    def _line_and_file(self, path: KeyPath) -> tuple[int | None, Path | None]:
        home = Home(self._includes.file, path)
        if self._includes.texts and path:
            with suppress(WouldFlatten, IncludeFault):  # held by several files: the one that includes them is named
                home = self._includes.home_of(pyjson5.decode(self._text), path, removing=True)
        is_own = home.file == self._includes.file
        root = self._layout(home.file) if home.path else None
        member = locate(root, home.path)[0] if root else None
        text = self._text if is_own else self._includes.texts.get(home.file)
        line = line_and_column(text, member.start)[0] if member and text else None
        return line, None if is_own else home.file

    def _layout(self, file: Path) -> Node | None:
        if file not in self._layouts:
            self._layouts[file] = None
            text = self._text if file == self._includes.file else self._includes.texts.get(file)
            # pyjson5 is more generous here and there; what is told by the layout is not worth a failure
            with suppress(Json5Syntax):
                self._layouts[file] = lay_out(text) if text else None
        return self._layouts[file]


def _in_file_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple(sorted(issues, key=lambda issue: (str(issue.file or ""), issue.line or 0)))
