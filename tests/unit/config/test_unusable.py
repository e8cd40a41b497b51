"""Providers that cannot work yet do not keep the rest from working."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.unusable import take_out_unusable


def taken(row: object, name: str = "x") -> tuple[dict[str, Any], list[str], list[str]]:
    """(providers left, errors, warnings) of a config with one provider."""
    tree: dict[str, Any] = {"models": {"providers": {name: row}}}
    errors, warnings = take_out_unusable(tree)
    show = [[f"{'.'.join(map(str, each.path))}: {each.message}" for each in found] for found in (errors, warnings)]
    return tree["models"]["providers"], *show


def test_a_usable_provider_stays() -> None:
    """An empty list of models is enough."""
    row = {"baseUrl": "http://h", "models": []}
    assert taken(row) == ({"x": row}, [], [])


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ({"apiKey": "k"}, "baseUrl, models"),
        ({"baseUrl": "http://h"}, "models"),
        ({"models": []}, "baseUrl"),
        ({}, "baseUrl, models"),
        ({"apiKey": {"source": "exec", "provider": "keeper", "id": "lab/key"}}, "baseUrl, models"),
        ({"headers": {"X-Key": {"source": "env", "id": "KEY"}}}, "baseUrl, models"),
    ],
)
def test_a_half_written_provider_waits(row: dict[str, Any], missing: str) -> None:
    """It is named with what it lacks."""
    assert taken(row) == ({}, [], [f"models.providers.x: incomplete (missing {missing})"])


@pytest.mark.parametrize("name", ["openai", "OpenAI ", "z.ai"])
@pytest.mark.parametrize("row", [{"apiKey": "k"}, {"baseUrl": "http://h"}, {"models": []}, {}])
def test_a_known_provider_needs_only_what_differs(row: dict[str, Any], name: str) -> None:
    """The rest is known of it, however its id is spelt."""
    assert taken(row, name) == ({name: row}, [], [])


def test_an_empty_address_is_incomplete_for_a_known_provider_too() -> None:
    """Somebody is about to fill it in; the provider's own address is not what they mean."""
    warning = "models.providers.openai: incomplete (missing baseUrl)"
    assert taken({"apiKey": "k", "baseUrl": ""}, "openai") == ({}, [], [warning])
    assert taken({"apiKey": "k", "models": None}, "openai")[0] == {}


def test_what_a_half_written_provider_says_is_still_checked() -> None:
    """A wrong type does not hide behind a missing key."""
    assert taken({"apiKey": 5})[1] == ["models.providers.x.apiKey: Invalid input: expected string, received number"]


def test_an_unknown_wire_skips_the_provider() -> None:
    """A config of another version still starts."""
    row = {"baseUrl": "u", "models": [], "api": "pi-messages"}
    assert taken(row) == ({}, [], ['models.providers.x: provider skipped: unknown api "pi-messages"'])


@pytest.mark.parametrize(
    "tree", [{}, {"models": 5}, {"models": {"providers": []}}, {"models": {"providers": {"x": 5}}}]
)
def test_wrong_types_are_left_for_the_models(tree: dict[str, Any]) -> None:
    """Nothing is taken out of what is no map."""
    before = repr(tree)
    assert take_out_unusable(tree) == ([], [])
    assert repr(tree) == before
