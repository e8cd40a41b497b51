"""allowFrom entries: every accepted spelling means the same sender, and useless ones are told apart."""

import pytest

from clawfleet.routing.recipients import allow_list


@pytest.mark.parametrize("entry", ["42", 42, " 42 ", "tg:42", "TG: 42", "telegram:42", "Telegram:42"])
def test_every_spelling_of_a_telegram_user_admits_exactly_that_user(entry: str | int) -> None:
    listed = allow_list("telegram", [entry])
    assert listed.admits("42")
    assert not listed.admits("4")
    assert listed.ignored == ()


@pytest.mark.parametrize("entry", ["@al", "-1001234", "tg:", "", "forty", "٤٢"])
def test_names_and_chat_ids_never_match_a_sender_and_are_reported(entry: str) -> None:
    listed = allow_list("telegram", [entry, "7"])
    assert listed.ids == {"7"}
    assert listed.ignored == (entry,)


def test_a_star_admits_everyone() -> None:
    assert allow_list("telegram", ["*"]).admits("99")


def test_a_channel_without_rules_of_its_own_compares_as_written() -> None:
    listed = allow_list("matrix", ["@Al:example.org"])
    assert listed.admits("@Al:example.org")
    assert not listed.admits("@al:example.org")
