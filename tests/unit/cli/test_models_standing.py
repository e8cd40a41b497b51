"""What is in use, what is missing of it, and how `--check` ends."""

from __future__ import annotations

from clawfleet.cli.context import CliContext
from clawfleet.cli.models_standing import remaining, standing
from clawfleet.core.clock import now_ms
from tests.unit.cli.conftest import Home

CONFIG = """{
  models: {providers: {far: {baseUrl: "https://far.example/v1", models: [{id: "one"}]},
                       lan: {baseUrl: "http://127.0.0.1:9/v1", models: [{id: "two"}]}}},
  agents: {defaults: {model: {primary: "lan/two", fallbacks: ["far/one"]}}},
}"""


def test_the_route_is_the_model_and_its_fallbacks(home: Home) -> None:
    home.write_config(CONFIG)
    found = standing(CliContext(environ=home.environ, cwd=home.root), None)
    assert [row.ref for row in found.route] == ["lan/two", "far/one"]
    assert (found.agent, found.providers) == ("main", ["lan", "far"])
    assert [name for name, _ in found.lacking] == ["far/one"] and found.code == 1


def test_what_is_left_is_said_shortly() -> None:
    spans = {-1: "expired", 90_000: "1m", 3_700_000: "1h", 3 * 86_400_000 + 5000: "3d"}
    assert {span: remaining(now_ms() + span) for span in spans} == spans
