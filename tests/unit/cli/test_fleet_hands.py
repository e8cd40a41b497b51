"""Handing a fleet verb over to the recipes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.cli.fleet_hands import RecipesMissing, hands
from tests.unit.cli.conftest import OpenClaw


def test_the_recipes_of_the_checkout_are_found() -> None:
    assert hands().parts[-3:] == ("deploy", "pyinfra", "hands.py")


def test_the_installed_recipes_come_first(tmp_path: Path) -> None:
    (tmp_path / "hands.py").write_text("")
    assert hands((tmp_path / "nowhere", tmp_path)) == tmp_path / "hands.py"


def test_an_installation_without_recipes_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecipesMissing, match="are not here"):
        hands((tmp_path,))


def test_limits_are_kept_in_order(openclaw: OpenClaw, fleet_orders: list[dict[str, Any]]) -> None:
    openclaw("fleet", "status", "--limit", "b", "--limit", "a/x")
    assert fleet_orders[0]["limits"] == ["b", "a/x"]
    assert fleet_orders[0]["fleet"] is None
    assert json.dumps(fleet_orders)
