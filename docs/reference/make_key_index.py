"""Writes key_index.json of the package from the models: every key and its default, one a line.

A test fails when it drifts.
"""

from __future__ import annotations

import json

from clawfleet.config.describe import all_defaults
from clawfleet.config.key_index import FILE as PAGE

__all__ = ["PAGE", "page"]


def page() -> str:
    """The whole file."""
    return json.dumps(all_defaults(), indent=1, ensure_ascii=False) + "\n"
