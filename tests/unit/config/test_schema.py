"""The JSON Schema that editors use."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from clawfleet.config.schema import json_schema


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def test_it_is_a_schema() -> None:
    """Of the draft that editors know."""
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"$schema": "x", "gateway": {"mode": "local", "port": 18789, "reload": {"mode": "off"}}},
        {"agents": {"entries": {"main": {"heartbeat": {"every": "5m"}, "sandbox": {"mode": "all"}}}}, "cron": {}},
        {"models": {"providers": {"x": {"baseUrl": "u", "models": [{"id": "m", "cost": {}}]}}}},
    ],
)
def test_good_files_pass(validator: Draft202012Validator, tree: dict[str, Any]) -> None:
    """Also keys that are accepted without effect."""
    assert list(validator.iter_errors(tree)) == []


@pytest.mark.parametrize("tree", [{"gatway": {}}, {"gateway": {"port": "x"}}, {"tools": {"profile": "x"}}])
def test_bad_files_do_not(validator: Draft202012Validator, tree: dict[str, Any]) -> None:
    """Unknown keys, wrong types, wrong words."""
    assert list(validator.iter_errors(tree))


def test_everything_is_described() -> None:
    """An editor shows it."""
    schema = json_schema()
    assert schema["$defs"]["Gateway"]["properties"]["port"]["description"].startswith("One TCP port")
    assert schema["properties"]["cron"]["description"] == "Accepted without effect: nothing is scheduled yet"
