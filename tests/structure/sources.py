"""The Python files of a checkout, parsed once; what every structure rule starts from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PACKAGE = "clawfleet"
PACKAGE_DIR = f"service/{PACKAGE}"
SKIPPED_DIRS = frozenset({"__pycache__", ".venv", "node_modules", "build", "dist"})


@dataclass(frozen=True)
class Source:
    """One file: `name` is its path below the root with slashes, `module` its dotted name inside the package."""

    name: str
    module: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether this is an `__init__.py`."""
        return self.name.endswith("/__init__.py")

    @property
    def in_package(self) -> str:
        """The path below the package directory, `tools/policy.py`; empty outside the package."""
        return self.name.removeprefix(f"{PACKAGE_DIR}/") if self.name.startswith(f"{PACKAGE_DIR}/") else ""


def python_files(root: Path, *folders: str) -> Iterator[Path]:
    """Every .py file below `root/<folder>`, sorted; folders that do not exist hold none."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            if SKIPPED_DIRS.isdisjoint(path.relative_to(root).parts):
                yield path


def sources(root: Path, *folders: str) -> list[Source]:
    """The parsed files of some folders; a file that does not parse is left to `files_are_python`."""
    found = []
    for path in python_files(root, *folders):
        with suppress(SyntaxError):
            name = path.relative_to(root).as_posix()
            found.append(Source(name, _module(name), parse(path)))
    return found


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file, parsed once per version of it. Raises SyntaxError."""
    stat = path.stat()
    return _parse(path, stat.st_mtime_ns, stat.st_size)


def package(root: Path) -> list[Source]:
    """The parsed files of the gateway's package."""
    return sources(root, PACKAGE_DIR)


def defines_something(source: Source) -> bool:
    """Whether the file holds a function or a class."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in ast.walk(source.tree)
    )


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of names and attributes; the empty string for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


@lru_cache(maxsize=4096)
def _parse(path: Path, mtime_ns: int, size: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _module(name: str) -> str:
    inside = name.removeprefix("service/").removesuffix(".py").removesuffix("/__init__")
    return inside.replace("/", ".")
