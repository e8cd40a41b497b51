"""What people can ask for stands in the docs: every RPC method, every command, every config key."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.structure.sources import PACKAGE_DIR, dotted, sources

SURFACE_SCRIPT = Path(__file__).with_name("surface.py")
SURFACE_LIMIT_S = 30.0


@dataclass(frozen=True)
class Surface:
    """Names of one kind, or why there are none: commands (`gateway run`) or keys (`models.providers.<id>.apiKey`)."""

    names: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def rpc_methods_are_documented(root: Path) -> list[str]:
    """Methods whose name stands nowhere in docs/ as code: `` `sessions.list` ``."""
    docs = _docs(root)
    return [
        f"{name}: the method of {where} is in no page of docs/ as `{name}`"
        for name, where in _methods(root)
        if not re.search(rf"`{re.escape(name)}(?=[`\s({{])", docs)
    ]


def commands_are_documented(root: Path) -> list[str]:
    """Commands whose full line, `openclaw gateway run`, stands nowhere in docs/."""
    surface = _surface(root, "commands")
    docs = _docs(root)
    return [*surface.failures] + [
        f"{name}: the command is in no page of docs/ as `openclaw {name}`"
        for name in surface.names
        if not re.search(rf"openclaw {re.escape(name)}(?![\w-])", docs)
    ]


def config_keys_are_documented(root: Path) -> list[str]:
    """Config keys that stand nowhere in docs/ as code; `<id>`, `*` and `[]` are one and the same there."""
    surface = _surface(root, "keys")
    written = {_plain(span) for span in re.findall(r"`([^`\s]+)`", _docs(root))}
    return [*surface.failures] + [
        f"{key}: the config key is in no page of docs/ as `{key}`"
        for key in surface.names
        if _plain(key) not in written
    ]


def _methods(root: Path) -> Iterator[tuple[str, str]]:
    for source in sources(root, f"{PACKAGE_DIR}/rpc"):
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and dotted(call.func).split(".")[-1] == "method" and call.args:
                    name = call.args[0]
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        yield name.value, source.name


def _docs(root: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "docs").rglob("*.md")))


def _plain(key: str) -> str:
    return re.sub(r"<[^>]*>", "*", re.sub(r"\[\w*\]", ".*", key))


def _surface(root: Path, kind: str) -> Surface:
    """What the checkout's own code says about its `commands` or `keys`, asked in a fresh interpreter."""
    if not (root / PACKAGE_DIR).is_dir():
        return Surface()
    env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(root / "service")}
    done = subprocess.run(
        [sys.executable, "-P", str(SURFACE_SCRIPT), kind],
        capture_output=True,
        text=True,
        env=env,
        cwd=root,
        timeout=SURFACE_LIMIT_S,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Surface(failures=(f"{kind}: they cannot be listed: {reason}",))
    return Surface(names=tuple(json.loads(done.stdout)))
