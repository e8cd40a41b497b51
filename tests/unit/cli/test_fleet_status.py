"""What `openclaw fleet status` asks of the recipes."""

from __future__ import annotations

from typing import Any

from tests.unit.cli.conftest import OpenClaw


def test_the_order_says_what_was_typed(openclaw: OpenClaw, fleet_orders: list[dict[str, Any]]) -> None:
    openclaw("fleet", "status", "--fleet", "f.json5", "--json", "--wide")
    assert fleet_orders == [
        {"verb": "status", "fleet": "f.json5", "limits": [], "json": True, "options": {"wide": True}}
    ]
