"""What a scan found, and which keys adopting it changes."""

from __future__ import annotations

import pytest

from clawfleet.cli.models_scan_plan import Found, NothingFound, NotOffered, chosen_of, scan_steps
from clawfleet.config.change import Edit
from clawfleet.config.models.root import Config
from clawfleet.models.discovery import Listing
from clawfleet.models.offers import Offer
from clawfleet.models.setups import setups_of

TREE = {"models": {"providers": {"Mine": {"baseUrl": "http://127.0.0.1:1", "models": [{"id": "old"}, {"id": "a"}]}}}}
CONFIG = Config.model_validate(TREE)
SETUP = setups_of(CONFIG, {})["mine"]
OFFERS = (Offer("a"), Offer("b", 4096, 100, ("text", "image"), True, "Bee"))
FOUND = Found.of(Listing(SETUP, "http://127.0.0.1:1/v1", OFFERS), CONFIG)


def test_what_is_new_comes_first_and_what_is_missing_last() -> None:
    assert FOUND.rows() == [
        ("b", "text+image", "4k", "new"),
        ("a", "text", "-", "configured"),
        ("old", "-", "-", "missing upstream"),
    ]
    assert FOUND.better_url == "http://127.0.0.1:1/v1"
    with pytest.raises(NothingFound):
        Found.of(Listing(SETUP, "", ()), CONFIG)


def test_rows_keep_what_the_provider_says_under_the_name_that_the_config_uses() -> None:
    row = {
        "id": "b",
        "name": "Bee",
        "contextWindow": 4096,
        "maxTokens": 100,
        "input": ["text", "image"],
        "reasoning": True,
    }
    chosen = chosen_of([FOUND], [], adds_all=True, prune=True)
    assert scan_steps(TREE, chosen) == [Edit(("models", "providers", "Mine", "models"), [{"id": "a"}, row])]


def test_only_what_is_offered_can_be_named() -> None:
    with pytest.raises(NotOffered) as caught:
        chosen_of([FOUND], ["zzz"], adds_all=False, prune=False)
    assert caught.value.hint == "offered: a, b"
    assert not scan_steps(TREE, chosen_of([FOUND], ["a"], adds_all=False, prune=False))
