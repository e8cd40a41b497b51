"""What `openclaw fleet scrape` asks of the recipes."""

from __future__ import annotations

from typing import Any

from tests.unit.cli.conftest import OpenClaw


def test_the_order_says_what_was_typed(openclaw: OpenClaw, fleet_orders: list[dict[str, Any]]) -> None:
    openclaw("fleet", "scrape", "--fleet", "f.json5", "--from", "edge-1", "--out", "there")
    options = {"from": "edge-1", "out": "there"}
    assert fleet_orders == [{"verb": "scrape", "fleet": "f.json5", "limits": [], "json": False, "options": options}]
