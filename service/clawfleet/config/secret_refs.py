"""Puts secrets in the place of the SecretRefs of a tree: once, when the config is read. Source: config-and-cli §8.

A secret that cannot be had leaves a text in its place that `substitute.unresolved` knows, so that whoever needs it
fails closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, SecretStr, ValidationError

from clawfleet.config.keys import Problem
from clawfleet.config.models.secrets import SecretProvider, Secrets
from clawfleet.config.path import KeyPath
from clawfleet.config.shape import Shape, root_shape
from clawfleet.config.substitute import stand_in
from clawfleet.secrets.exec_source import SecretProgram, ask_program
from clawfleet.secrets.file_source import SecretUnavailable, pick, read_secret_file
from clawfleet.secrets.refs import BadRef, SecretRef, read_ref

Found = Mapping[SecretRef, str | SecretUnavailable]


@dataclass(slots=True)
class Secured:
    """A tree without refs, and what is to be said of those that it had. `skipped` counts secrets left to programs."""

    tree: dict[str, object]
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    checked: int = 0
    skipped: int = 0


def resolve_refs(tree: Mapping[str, object], environ: Mapping[str, str], *, run_programs: bool) -> Secured:
    """`tree` with its secrets; without `run_programs` those of programs stay open."""
    done = Secured(dict(tree))
    section = _section(tree)
    refs = dict(_refs(tree, section, done.errors))
    if not refs and not done.errors:
        return done
    found = _Sources(section, environ, run_programs=run_programs).values(set(refs.values()))
    values: dict[KeyPath, str] = {problem.path: "" for problem in done.errors}
    for path, ref in refs.items():
        value = found.get(ref)
        if isinstance(value, str):
            values[path] = value
            done.checked += 1
            continue
        values[path] = stand_in(ref.source, str(ref), ref.id)
        if value is None:
            done.skipped += 1
        else:
            done.checked += 1
            done.warnings.append(Problem(path, f"secret {ref} is unavailable: {value}"))
    done.tree = {key: _put(item, (key,), values) for key, item in tree.items()}
    return done


def secrets_of(section: Secrets, environ: Mapping[str, str], refs: Iterable[SecretRef]) -> Found:
    """The secret of each ref, or why it cannot be had; programs are run."""
    return _Sources(section, environ, run_programs=True).values(set(refs))


def secrets_in(node: object) -> Iterator[str]:
    """Every secret that a typed config holds."""
    if isinstance(node, SecretStr):
        yield node.get_secret_value()
    elif isinstance(node, BaseModel):
        for name in type(node).model_fields:
            yield from secrets_in(getattr(node, name))
    elif isinstance(node, Mapping):
        for item in node.values():
            yield from secrets_in(item)
    elif isinstance(node, tuple | list):
        for item in node:
            yield from secrets_in(item)


def _refs(tree: Mapping[str, object], section: Secrets, errors: list[Problem]) -> Iterator[tuple[KeyPath, SecretRef]]:
    defaults = section.defaults.model_dump()
    for path, value in _secret_places(tree, root_shape(), ()):
        try:
            if (ref := read_ref(value, defaults)) is not None:
                yield path, ref
        except BadRef as error:
            errors.append(Problem(path, str(error)))


def _secret_places(node: object, shape: Shape | None, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    if shape is None:
        return
    if shape.kind == "value":
        if SecretStr in shape.inner:
            yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _secret_places(value, shape.child(key), (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _secret_places(value, shape.child(index), (*path, index))


def _put(node: object, path: KeyPath, values: Mapping[KeyPath, str]) -> object:
    if path in values:
        return values[path]
    if isinstance(node, Mapping):
        return {key: _put(value, (*path, key), values) for key, value in node.items()}
    if isinstance(node, list):
        return [_put(value, (*path, index), values) for index, value in enumerate(node)]
    return node


def _section(tree: Mapping[str, object]) -> Secrets:
    """`secrets` of the tree; an empty one when it is wrong, which is told elsewhere."""
    try:
        return Secrets.model_validate(tree.get("secrets", {}))
    except ValidationError:
        return Secrets()


class _Sources:
    """Asks each provider once for all that is wanted of it."""

    def __init__(self, section: Secrets, environ: Mapping[str, str], *, run_programs: bool) -> None:
        self._providers = section.providers
        self._environ = environ
        self._run_programs = run_programs

    def values(self, refs: set[SecretRef]) -> Found:
        """The secret of each ref, or why it cannot be had; those of programs that may not be run are left out."""
        by_provider: dict[tuple[str, str], list[SecretRef]] = defaultdict(list)
        for ref in sorted(refs, key=str):
            by_provider[ref.source, ref.provider].append(ref)
        found: dict[SecretRef, str | SecretUnavailable] = {}
        for (source, name), wanted in by_provider.items():
            if source == "exec" and not self._run_programs:
                continue
            try:
                found |= self._ask(source, name, wanted)
            except SecretUnavailable as error:
                found |= dict.fromkeys(wanted, error)
        return found

    def _ask(self, source: str, name: str, refs: list[SecretRef]) -> Found:
        provider = self._providers.get(name)
        if source == "store":
            raise SecretUnavailable("this gateway keeps no secret store")
        if source == "env" and provider is None:
            return {ref: self._variable(ref, None) for ref in refs}
        if provider is None:
            raise SecretUnavailable(f"secrets.providers.{name} is not configured")
        if provider.source != source:
            raise SecretUnavailable(f'secrets.providers.{name} has source "{provider.source}"')
        if source == "env":
            return {ref: self._variable(ref, provider.allowlist) for ref in refs}
        return _of_file(provider, refs) if source == "file" else self._of_program(name, provider, refs)

    def _variable(self, ref: SecretRef, allowed: tuple[str, ...] | None) -> str | SecretUnavailable:
        if allowed is not None and ref.id not in allowed:
            return SecretUnavailable(f"secrets.providers.{ref.provider}.allowlist does not name {ref.id}")
        return self._environ.get(ref.id) or SecretUnavailable(f"{ref.id} is not set")

    def _of_program(self, name: str, provider: SecretProvider, refs: list[SecretRef]) -> Found:
        program = SecretProgram(
            provider=name,
            command=Path(provider.command or ""),
            args=provider.args,
            pass_env=provider.pass_env,
            env=provider.env,
            timeout_ms=provider.timeout_ms,
            max_output_bytes=provider.max_output_bytes,
            json_only=provider.json_only,
            trusted_dirs=tuple(map(Path, provider.trusted_dirs)),
        )
        values = ask_program(program, [ref.id for ref in refs], self._environ)
        missing = SecretUnavailable(f"{program.command} has no value of that id")
        return {ref: values.get(ref.id, missing) for ref in refs}


def _of_file(provider: SecretProvider, refs: list[SecretRef]) -> Found:
    content = read_secret_file(Path(provider.path or ""), mode=provider.mode, max_bytes=provider.max_bytes)
    found: dict[SecretRef, str | SecretUnavailable] = {}
    for ref in refs:
        try:
            found[ref] = pick(content, ref.id, mode=provider.mode)
        except SecretUnavailable as error:
            found[ref] = error
    return found
