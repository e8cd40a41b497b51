"""Lets `openclaw` on the emulated Mac look for services where macOS has them; Python itself stays Linux's."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

SEARCHES = "clawfleet.host.service_search"


class Mac:
    """Finds that one module as everybody does, and tells it the platform once it is loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != SEARCHES:
            return None
        sys.meta_path.remove(self)
        spec: Any = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            vars(module)["PLATFORM"] = "darwin"

        spec.loader.exec_module = exec_module
        return spec  # type: ignore[no-any-return]


sys.meta_path.insert(0, Mac())
