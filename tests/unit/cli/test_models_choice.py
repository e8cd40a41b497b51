"""Which models a config text chooses."""

from __future__ import annotations

from clawfleet.cli.models_choice import Choice, choice_of, fallback_steps, place_of, primary_steps
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
