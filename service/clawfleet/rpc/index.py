"""Every method by name, without its family: that is imported when one of its methods is first called.

`index.json` says where each method is declared; `make docs` writes it from the scan (`registry.collect`), and a test
fails when it drifts. Importing all families would cost a start a sixth of its time, and memory that few gateways need.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clawfleet.rpc.registry import Method, declared_in

FILE = Path(__file__).with_name("index.json")


class Methods(Mapping[str, Method]):
    """The table of methods. `advertised` are the names for `hello-ok`."""

    def __init__(self, index: Mapping[str, Any]) -> None:
        self._modules: Mapping[str, str] = index["modules"]
        self._known: dict[str, Method] = {}
        hidden = frozenset(index["hidden"])
        self.advertised = [name for name in self._modules if name not in hidden]

    @classmethod
    def read(cls) -> Methods:
        """Those of this release."""
        return cls(json.loads(FILE.read_bytes()))

    def __getitem__(self, name: str) -> Method:
        if name not in self._known:
            module = importlib.import_module(self._modules[name])
            self._known |= {method.name: method for method in declared_in(module)}
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def index_of(methods: Mapping[str, Method]) -> dict[str, Any]:
    """What `index.json` says about these methods."""
    return {
        "hidden": sorted(name for name, method in methods.items() if not method.terms.advertised),
        "modules": {name: method.run.__module__ for name, method in sorted(methods.items())},
    }
