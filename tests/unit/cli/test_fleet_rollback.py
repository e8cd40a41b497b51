"""What `openclaw fleet rollback` asks of the recipes."""

from __future__ import annotations

from typing import Any

from tests.unit.cli.conftest import OpenClaw


def test_the_order_says_what_was_typed(openclaw: OpenClaw, fleet_orders: list[dict[str, Any]]) -> None:
    openclaw("fleet", "rollback", "--fleet", "f.json5", "--json", "--to", "x", "--restore-state")
    assert fleet_orders == [
        {
            "verb": "rollback",
            "fleet": "f.json5",
            "limits": [],
            "json": True,
            "options": {"to": "x", "restoreState": True},
        }
    ]
