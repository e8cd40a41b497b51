"""Which models a config text chooses."""

from __future__ import annotations

from typing import Any

from clawfleet.cli.models_choice import Choice, allow_steps, choice_of, fallback_steps, place_of, primary_steps
from clawfleet.config.change import Edit

BARE = {"agents": {"defaults": {"model": "a/b"}}}
FULL = {"agents": {"defaults": {"imageModel": {"primary": "a/b", "fallbacks": ["c/d", 3]}}}}
PLACE = place_of("model")


def test_both_spellings_are_read() -> None:
    assert choice_of(BARE, "model") == Choice("a/b", (), True)
    assert choice_of(FULL, "imageModel") == Choice("a/b", ("c/d",), False)
    assert choice_of({"agents": 3}, "model") == Choice(None, (), False)


def test_a_model_is_chosen_in_the_spelling_of_the_file() -> None:
    assert primary_steps(BARE, "model", "x/y") == [Edit(PLACE, "x/y")]
    assert primary_steps({}, "model", "x/y") == [Edit((*PLACE, "primary"), "x/y")]


def test_fallbacks_need_an_object() -> None:
    assert fallback_steps(BARE, "model", ["x/y"]) == [Edit(PLACE, {"primary": "a/b", "fallbacks": ["x/y"]})]
    assert fallback_steps(BARE, "model", []) == fallback_steps({}, "model", []) == []
    image = (*place_of("imageModel"), "fallbacks")
    assert fallback_steps(FULL, "imageModel", []) == [Edit(image, [])]


def test_what_is_chosen_is_allowed_where_a_list_says_what_is() -> None:
    def allowing(*names: str) -> dict[str, Any]:
        return {"agents": {"defaults": {"modelPolicy": {"allow": list(names)}}}}

    (step,) = allow_steps(allowing("p/a"), "p/b", "p/a")
    assert step.value == ["p/a", "p/b"]
    for source in ({}, allowing(), allowing("p/b"), allowing("p/*")):
        assert not allow_steps(source, "p/b")
