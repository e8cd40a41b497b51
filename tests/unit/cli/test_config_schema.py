"""`openclaw config schema`: the schema of the file."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import OpenClaw


def test_schema(openclaw: OpenClaw) -> None:
    """What the message about unknown paths points to."""
    assert "gateway" in json.loads(openclaw("config", "schema").stdout)["properties"]
