"""What code may do where: pure rooms decide without I/O, tasks start in one place, the environment is read in one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.structure.layers import imported
from tests.structure.sources import PACKAGE_DIR, Source, dotted, package

PURE_ROOMS = ("routing/", "protocol/", "fleet/")
IMPURE_WITHIN = frozenset({"fleet/status.py"})
PURE_FILES = frozenset(
    {
        *("tools/policy.py", "tools/loops.py", "sandbox/spec.py"),
        *("host/units.py", "host/plists.py", "host/definitions.py", "host/service_names.py"),
    }
)
IO_MODULES = (
    *("aiohttp", "asyncio", "concurrent", "docker", "fcntl", "ftplib", "glob", "http.client", "http.server", "httpx"),
    *("importlib.resources", "mmap", "multiprocessing", "os", "paramiko", "pathlib", "pkgutil", "pyinfra", "requests"),
    *("select", "selectors", "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess"),
    *("tempfile", "threading", "urllib.request", "urllib3", "uvicorn", "webbrowser", "websockets"),
)
PURE_NAMES = frozenset({"pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath"})
IO_CALLS = frozenset({"open", "print", "input", "io.open"})
IO_METHODS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "mkdir", "unlink"})

TASKS_FILE = "core/tasks.py"
ENV_FILE = "config/env.py"
ENV_NAMES = frozenset(
    {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "Path.home", "pathlib.Path.home"}
)
EXPANDERS = frozenset({"expanduser", "expandvars"})


def pure_rooms_do_no_io(root: Path) -> list[str]:
    """I/O imports and calls in the files that only decide."""
    return [
        f"{source.name}: line {line} {what}, but this file is pure"
        for source in package(root)
        if _is_pure(source.in_package)
        for line, what in _io(source)
    ]


def tasks_start_in_one_place(root: Path) -> list[str]:
    """create_task and ensure_future outside core/tasks.py; a TaskGroup's own create_task is fine."""
    found = []
    for source in package(root):
        if source.in_package == TASKS_FILE:
            continue
        groups = _task_groups(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and (name := _starts_task(node, groups)):
                found.append(
                    f"{source.name}: line {node.lineno} calls {name}; start it with core.tasks or in a TaskGroup"
                )
    return found


def environment_is_read_in_one_place(root: Path) -> list[str]:
    """Environment variables and the home directory outside config/env.py."""
    return [
        f"{source.name}: line {line} uses {name}; {PACKAGE_DIR}/{ENV_FILE} reads the environment for everyone"
        for source in package(root)
        if source.in_package != ENV_FILE
        for line, name in _environment(source)
    ]


def _is_pure(name: str) -> bool:
    return name in PURE_FILES or (name.startswith(PURE_ROOMS) and name not in IMPURE_WITHIN)


def _io(source: Source) -> Iterator[tuple[int, str]]:
    for line, target in imported(source):
        if target not in PURE_NAMES and any(target == name or target.startswith(f"{name}.") for name in IO_MODULES):
            yield line, f"imports {target}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name in IO_CALLS or method in IO_METHODS:
                yield node.lineno, f"calls {name or method}()"


def _starts_task(call: ast.Call, groups: set[str]) -> str:
    """The name of what a call starts a task with, or the empty string."""
    if isinstance(call.func, ast.Name):
        return call.func.id if call.func.id in {"create_task", "ensure_future"} else ""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"create_task", "ensure_future"}:
        return ""
    receiver = dotted(call.func.value)
    return "" if receiver in groups else f"{receiver or 'loop'}.{call.func.attr}"


def _task_groups(tree: ast.Module) -> set[str]:
    """Names that hold a TaskGroup: bound by `async with TaskGroup() as name`, assigned from it, or annotated so."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.withitem) and node.optional_vars and _is_task_group(node.context_expr):
            names.add(dotted(node.optional_vars))
        elif isinstance(node, ast.Assign) and _is_task_group(node.value):
            names.update(dotted(target) for target in node.targets)
        elif isinstance(node, ast.AnnAssign) and _is_task_group(node.annotation):
            names.add(dotted(node.target))
        elif isinstance(node, ast.arg) and node.annotation and _is_task_group(node.annotation):
            names.add(node.arg)
    return names - {""}


def _is_task_group(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    return dotted(node).split(".")[-1] == "TaskGroup"


def _environment(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if name in ENV_NAMES or node.attr in EXPANDERS:
                yield node.lineno, name or node.attr
        elif isinstance(node, ast.ImportFrom) and node.module in {"os", "os.path"}:
            for alias in node.names:
                if f"os.{alias.name}" in ENV_NAMES or alias.name in EXPANDERS:
                    yield node.lineno, f"os.{alias.name}"
