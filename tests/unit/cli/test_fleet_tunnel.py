"""What `openclaw fleet tunnel` asks of the recipes."""

from __future__ import annotations

from typing import Any

from tests.unit.cli.conftest import OpenClaw


def test_the_order_says_what_was_typed(openclaw: OpenClaw, fleet_orders: list[dict[str, Any]]) -> None:
    openclaw("fleet", "tunnel", "--fleet", "f.json5", "--json", "edge/ops", "--port", "19000")
    assert fleet_orders == [
        {"verb": "tunnel", "fleet": "f.json5", "limits": ["edge/ops"], "json": True, "options": {"port": 19000}}
    ]
