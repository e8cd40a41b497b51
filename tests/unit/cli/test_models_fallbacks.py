"""`openclaw models fallbacks`: what they share is tested with models_fallback_words."""

from clawfleet.cli.models_fallbacks import command


def test_it_is_the_group_of_that_name() -> None:
    assert command.name == "fallbacks"
    assert set(command.commands) == {"list", "add", "remove", "clear"}
