"""`$include`: a config in several files, read as one tree, and in which of the files a key is to be changed.

A text replaces the object that names it, a list is merged in its order, keys beside it are merged last and win; lists
are joined. Source: config-and-cli §2.2.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyjson5

from clawfleet.config.json_kind import kind_of
from clawfleet.config.layout import Json5Syntax, lay_out
from clawfleet.config.path import KeyPath, index_in, show_path
from clawfleet.core.errors import RequestError

KEY = "$include"
MAX_DEPTH = 10
MAX_BYTES = 2 * 1024 * 1024
MAX_PATH_CHARS = 4096

Read = Callable[[Path], str]


class IncludeFault(ValueError):
    """A config cannot be read as one tree, in words for its operator."""


class WouldFlatten(RequestError):
    """A change cannot be made in any one of the files."""

    code = "CONFIG_INCLUDE_OWNED"
    exit_code = 1

    def __init__(self, path: KeyPath) -> None:
        super().__init__(
            f"Config write would flatten $include-owned config at {show_path(path)}; "
            "edit that include file directly or remove the $include first."
        )


@dataclass(frozen=True, slots=True)
class Home:
    """The file that a key is written in, and the key's path in it."""

    file: Path
    path: KeyPath


@dataclass(slots=True)
class Includes:
    """The files below one config file. `texts` holds what was read of each, None of what is not there.

    `roots` are the directories that they may lie in; only what lies in the first one is ever written.
    """

    file: Path
    roots: tuple[Path, ...]
    texts: dict[Path, str | None] = field(default_factory=dict)
    read: Read = field(default=lambda path: path.read_bytes().decode("utf-8"))

    @classmethod
    def of(cls, file: Path, environ: Mapping[str, str], read: Read | None = None) -> Includes:
        """Those of a config file; OPENCLAW_INCLUDE_ROOTS names further directories."""
        listed = environ.get("OPENCLAW_INCLUDE_ROOTS", "").split(os.pathsep)
        roots = (file.parent, *(Path(root) for root in listed if root.strip()))
        return cls(file, roots) if read is None else cls(file, roots, read=read)

    def expand(self, tree: Mapping[str, object]) -> object:
        """The tree with everything included. Raises IncludeFault."""
        return self._expanded(tree, (self.file,)) if _names_files(tree) else tree

    def home_of(self, tree: object, path: KeyPath, *, removing: bool = False) -> Home:
        """Where a change at `path` of the expanded tree is to be made. Raises WouldFlatten, IncludeFault."""
        return self._home(tree, (self.file,), path, path, removing=removing)

    def _home(self, tree: object, chain: tuple[Path, ...], path: KeyPath, whole: KeyPath, *, removing: bool) -> Home:
        node, file = tree, chain[-1]
        for depth, segment in enumerate(path):
            if isinstance(node, Mapping) and KEY in node and segment not in node:
                return self._below(node, chain, (path, depth), whole, removing=removing)
            node = _child(node, segment)
            if node is None:
                return Home(file, path)
        if removing or not _names_files(node):
            return Home(file, path)
        target = self._sole(node, file)
        if target is None:
            raise WouldFlatten(whole)
        return Home(target, ())

    def _below(
        self,
        node: Mapping[str, object],
        chain: tuple[Path, ...],
        place: tuple[KeyPath, int],
        whole: KeyPath,
        *,
        removing: bool,
    ) -> Home:
        """The home of a key that is not among the own keys of an object with an include."""
        path, depth = place
        target = self._sole(node, chain[-1])
        if target is not None:
            inner = self._tree_of(target, str(node[KEY]))
            return self._home(inner, (*chain, target), path[depth:], whole, removing=removing)
        content = self._expanded(node, chain)
        if len(node) > 1 and isinstance(content, Mapping) and path[depth] not in content:
            return Home(chain[-1], path)
        raise WouldFlatten(whole)

    def _sole(self, node: object, file: Path) -> Path | None:
        """The one file that makes up all of `node` and may be written."""
        ref = node.get(KEY) if isinstance(node, Mapping) and len(node) == 1 else None
        if not isinstance(ref, str):
            return None
        target = self._resolved(ref, file)
        return target if target.is_relative_to(self.roots[0].resolve()) else None

    def _expanded(self, node: object, chain: tuple[Path, ...]) -> object:
        if isinstance(node, list):
            return [self._expanded(item, chain) for item in node]
        if not isinstance(node, Mapping):
            return node
        own = {key: self._expanded(value, chain) for key, value in node.items() if key != KEY}
        if KEY not in node:
            return own
        refs = node[KEY]
        if isinstance(refs, str):
            content = self._included(refs, chain)
        elif isinstance(refs, list) and all(isinstance(ref, str) for ref in refs):
            content = {}
            for ref in refs:
                content = _joined(content, self._included(ref, chain))
        else:
            wrong = next((item for item in refs if not isinstance(item, str)), refs) if isinstance(refs, list) else refs
            raise IncludeFault(f"Invalid $include value: expected string or array of strings, got {kind_of(wrong)}")
        if own and not isinstance(content, Mapping):
            raise IncludeFault("Sibling keys require included content to be an object")
        return _joined(content, own) if own else content

    def _included(self, ref: str, chain: tuple[Path, ...]) -> object:
        target = self._resolved(ref, chain[-1])
        if target in chain or target == self.file.resolve():
            raise IncludeFault(f"Circular include detected: {' -> '.join(map(str, (*chain, target)))}")
        if len(chain) > MAX_DEPTH:
            raise IncludeFault(f"Includes nest deeper than {MAX_DEPTH} levels at: {ref}")
        return self._expanded(self._tree_of(target, ref), (*chain, target))

    def _resolved(self, ref: str, file: Path) -> Path:
        path = os.path.normpath(file.parent / ref)
        if "\0" in ref or max(len(ref), len(path)) >= MAX_PATH_CHARS:
            raise IncludeFault("Include path is too long, or holds a null character")
        target = Path(path).resolve()
        if not any(target.is_relative_to(root.resolve()) for root in self.roots):
            raise IncludeFault(f"Include path escapes config directory: {ref} (root: {self.roots[0]})")
        return target

    def _tree_of(self, target: Path, ref: str) -> object:
        text = self.text_of(target, ref)
        try:
            return pyjson5.decode(text)
        except pyjson5.Json5Exception as error:
            raise IncludeFault(
                f"Failed to parse include file: {ref} (resolved: {target}): {_why(text, error)}"
            ) from None

    def text_of(self, target: Path, ref: str | None = None) -> str:
        """The text of an included file. Raises IncludeFault."""
        known = self.texts.get(target)
        if known is not None:
            return known
        named = f"{ref or target} (resolved: {target})"
        self.texts[target] = None
        try:
            if target.exists() and target.stat().st_size > MAX_BYTES:
                raise IncludeFault(f"Include file is larger than {MAX_BYTES} bytes: {named}")
            text = self.read(target)
        except (OSError, UnicodeDecodeError):
            raise IncludeFault(f"Failed to read include file: {named}") from None
        self.texts[target] = text
        return text


def _names_files(node: object) -> bool:
    if isinstance(node, Mapping):
        return KEY in node or any(map(_names_files, node.values()))
    return isinstance(node, list) and any(map(_names_files, node))


def _joined(old: object, new: object) -> object:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        both = {key: _joined(value, new[key]) if key in new else value for key, value in old.items()}
        return both | {key: value for key, value in new.items() if key not in old}
    return [*old, *new] if isinstance(old, list) and isinstance(new, list) else new


def _child(node: object, segment: str | int) -> object:
    """What stands below; None when nothing does."""
    if isinstance(node, Mapping):
        return node.get(str(segment))
    if isinstance(node, list):
        try:
            return node[index_in(node, segment)]
        except KeyError:
            return None
    return None


def _why(text: str, error: Exception) -> str:
    try:
        lay_out(text)
    except Json5Syntax as found:
        return str(found)
    return str(error.args[0]) if error.args else type(error).__name__


def watched(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each path, and where it leads when it is a link: a change of either is a change."""
    return tuple(dict.fromkeys(found for path in paths for found in (path, path.resolve())))
