"""Who may import whom: arrows point down only, rooms of one level are strangers, no module is in a cycle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.structure.sources import PACKAGE, Source, dotted, package, sources

# Top to bottom; a room imports only rooms of a later line. Source: design page, "Order, top to bottom".
LEVELS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("runtime",),
    ("server",),
    ("rpc",),
    ("automation", "channels", "agents"),
    ("routing", "tools", "models"),
    ("sandbox", "access", "sessions"),
    ("store", "host", "fleet"),
    ("config",),
    ("secrets",),
    ("protocol",),
    ("core",),
)
LEVEL = {room: depth for depth, rooms in enumerate(LEVELS) for room in rooms}

# The recipes know the fleet, the config, the unit texts with their templates, and the words that everyone uses.
OPEN_TO_DEPLOY = (
    "clawfleet.__version__",
    "clawfleet.fleet",
    "clawfleet.config",
    "clawfleet.host.plists",
    "clawfleet.host.units",
    "clawfleet.host.unit_templates",
    "clawfleet.core",
)


def imports_point_down(root: Path) -> list[str]:
    """Imports of a room above, beside, or unknown to the design."""
    files = package(root)
    modules = {source.module for source in files}
    found = []
    for source in files:
        own = _room(source.module)
        if own and own not in LEVEL:
            found.append(
                f"{source.name}: {own} is not a room of the design; LEVELS in tests/structure/layers.py has the rooms"
            )
            continue
        for line, target in imported(source):
            room = _room(_deepest(target, modules) or target)
            if room in LEVEL and room != own and LEVEL[room] <= LEVEL.get(own, len(LEVELS)):
                where = "beside" if LEVEL[room] == LEVEL.get(own) else "above"
                found.append(f"{source.name}: line {line} imports {target}, a room {where} {own or PACKAGE}")
    return found


def no_import_cycles(root: Path) -> list[str]:
    """The first cycle of modules, if there is one; imports in functions and behind TYPE_CHECKING count."""
    files = package(root)
    modules = {source.module for source in files}
    graph: dict[str, set[str]] = {}
    for source in files:
        targets = {_deepest(target, modules) for _, target in imported(source)}
        graph[source.module] = {target for target in targets if target and target != source.module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return [f"{cycle[0]}: import cycle {' → '.join(reversed(cycle))}"]
    return []


def deploy_stays_outside(root: Path) -> list[str]:
    """pyinfra inside the package, and doors that the recipes may not use."""
    found = [
        f"{source.name}: line {line} imports {target}; only deploy/ knows pyinfra"
        for source in package(root)
        for line, target in imported(source)
        if target.split(".")[0] == "pyinfra"
    ]
    for source in sources(root, "deploy"):
        for line, target in imported(source):
            if target.startswith(f"{PACKAGE}.") and not _is_below(target, OPEN_TO_DEPLOY):
                found.append(
                    f"{source.name}: line {line} imports {target}; deploy/ may use {', '.join(OPEN_TO_DEPLOY)}"
                )
    return found


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """(line, dotted target) of every import anywhere in the file; `from a import b` gives `a.b`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = _base(source, node)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}" if alias.name != "*" else base
        elif isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in {"import_module", "__import__"}:
            match node.args:
                case [ast.Constant(value=str(name)), *_]:
                    yield node.lineno, name


def _base(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.module.split(".")
    keep = len(parts) - node.level + (1 if source.is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""


def _deepest(target: str, modules: set[str]) -> str:
    """The longest leading part of `target` that is a module of the package, or the empty string."""
    parts = target.split(".")
    for length in range(len(parts), 0, -1):
        if (name := ".".join(parts[:length])) in modules:
            return name
    return ""


def _is_below(target: str, doors: tuple[str, ...]) -> bool:
    return any(target == door or target.startswith(f"{door}.") for door in doors)
