"""The JSON Schema that editors use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from clawfleet.config.schema import editor_schema, form_schema, json_schema


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


def test_forms_get_it_without_references() -> None:
    """Their readers follow none."""
    schema = form_schema()
    Draft7Validator.check_schema(schema)
    text = json.dumps(schema)
    assert "$ref" not in text and "$defs" not in text and '"null"' not in text
    token = schema["properties"]["gateway"]["properties"]["auth"]["properties"]["token"]
    assert (token["type"], "default" in token) == ("string", False)
    assert schema["title"] == "OpenClawConfig"
    assert Draft7Validator(schema).is_valid({"gateway": {"port": 1}})
    assert not Draft7Validator(schema).is_valid({"gateway": {"port": "x"}})


def test_editors_let_a_secret_be_a_ref() -> None:
    """Where a secret is expected, and nowhere else."""
    validator = Draft202012Validator(editor_schema())
    ref = {"source": "env", "provider": "default", "id": "X"}
    assert validator.is_valid({"gateway": {"auth": {"token": ref, "password": "plain"}}})
    assert validator.is_valid({"models": {"providers": {"x": {"apiKey": ref}}}})
    assert not validator.is_valid({"gateway": {"auth": {"token": {"source": "moon", "id": "X"}}}})
    assert not validator.is_valid({"gateway": {"customBindHost": ref}})
