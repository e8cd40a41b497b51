"""Writes index.json of the package's methods from the scan: where each is declared.

A test fails when it drifts.
"""

from __future__ import annotations

import json

from clawfleet import rpc
from clawfleet.rpc.index import FILE as PAGE
from clawfleet.rpc.index import index_of
from clawfleet.rpc.registry import collect

__all__ = ["PAGE", "page"]


def page() -> str:
    """The whole file."""
    return json.dumps(index_of(collect(rpc)), indent=1) + "\n"
