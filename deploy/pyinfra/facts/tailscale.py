"""Tailscale on a host: whether it is there and in a tailnet, which routes it keeps, what of that the recipes did."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from pyinfra.api import FactBase


class TailscaleState(FactBase[str]):
    """`missing`, or the state of its backend: `Running`, `NeedsLogin`, …; `unknown` when it does not say."""

    def command(self) -> str:
        look = "tailscale status --json 2>/dev/null || true"
        return f"if command -v tailscale >/dev/null; then {look}; else echo missing; fi"

    @staticmethod
    def default() -> str:
        return "missing"

    def process(self, output: list[str]) -> str:
        text = "\n".join(output).strip()
        return text if text == "missing" else str(_object(text).get("BackendState", "unknown"))


class TailscaleRoutes(FactBase[dict[int, str]]):
    """Port → `serve <target>` or `funnel <target>` of every route that leads from the root of this host's name."""

    def command(self) -> str:
        return "tailscale serve status --json 2>/dev/null || true"

    @staticmethod
    def default() -> dict[int, str]:
        return {}

    def process(self, output: list[str]) -> dict[int, str]:
        status = _object("\n".join(output))
        public = status.get("AllowFunnel") or {}
        return {
            int(name.rpartition(":")[2]): f"{'funnel' if public.get(name) else 'serve'} {_target(server)}"
            for name, server in (status.get("Web") or {}).items()
        }


class Marks(FactBase[dict[str, str]]):
    """Name → text of the marks of what the recipes did, by their beginning."""

    def command(self, directory: str, prefix: str) -> str:
        return f"cd {shlex.quote(directory)} 2>/dev/null && grep -H '' {shlex.quote(prefix)}* 2>/dev/null || true"

    @staticmethod
    def default() -> dict[str, str]:
        return {}

    def process(self, output: list[str]) -> dict[str, str]:
        return dict(line.partition(":")[::2] for line in output)


def _object(text: str) -> dict[str, Any]:
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1]) if 0 <= start < end else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _target(server: Mapping[str, Any]) -> str:
    return str(((server.get("Handlers") or {}).get("/") or {}).get("Proxy", "")).rstrip("/")
