"""Who holds which key."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.fleet.credentials import bot_tokens, find_credential_problems
from clawfleet.fleet.instance import TOKEN_NAME
from tests.unit.fleet.fleets import instances_of

FINGERPRINT = "0123456789abcdef"


def messages(fingerprints: dict[tuple[str, str], str], **hosts: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{item.check} {item.message}" for item in find_credential_problems(instances_of(**hosts), fingerprints)]


def test_equal_gateway_tokens_are_found_on_different_hosts() -> None:
    """Only the fingerprint's first characters are shown."""
    prints = {("a/x", TOKEN_NAME): FINGERPRINT, ("b/x", TOKEN_NAME): FINGERPRINT}
    (message,) = messages(prints, a={"x": {}}, b={"x": {}})
    assert message.startswith("A6 a/x and b/x have the same gateway token (fingerprint 01234567):")
    assert FINGERPRINT not in message


def test_generated_tokens_differ() -> None:
    """Two `generate:hex32` are two values."""
    assert messages({}, a={"x": {}, "y": {}}) == []


def test_the_same_reference_is_the_same_token_even_without_a_value() -> None:
    """A shared variable is found before anything is resolved."""
    gateway = {"secrets": {"TELEGRAM_BOT_TOKEN": "env:BOT"}}
    (message,) = messages({}, a={"x": gateway}, b={"x": gateway})
    assert message.startswith("A5 a/x (TELEGRAM_BOT_TOKEN) and b/x (TELEGRAM_BOT_TOKEN) log in with the same bot token")
    assert "(env:BOT)" in message


def test_bot_tokens_are_known_by_name_or_by_use() -> None:
    """A token of any name counts when a channel uses it."""
    (item,) = instances_of(
        h={
            "x": {
                "secrets": {"MY_BOT": "env:A", "TELEGRAM_BOT_TOKEN": "env:B", "OPENAI_API_KEY": "env:C"},
                "config": {"channels": {"telegram": {"botToken": "${MY_BOT}"}}},
            }
        }
    )
    assert bot_tokens(item) == {"MY_BOT", "TELEGRAM_BOT_TOKEN"}


@pytest.mark.parametrize(
    ("gateway", "found"),
    [
        (
            {"bind": "lan", "config": {"gateway": {"auth": {"mode": "none"}}}},
            "A8 h/x: refusing to bind gateway to lan without auth",
        ),
        ({"config": {"a": "${NOPE}"}}, "A10 h/x: its config refers to ${NOPE}, which has no value"),
        (
            {"env": {"MY_TOKEN": "v"}},
            "env h/x: MY_TOKEN in `env` looks like a secret, and units can be read by everyone",
        ),
        ({"env": {"OPENCLAW_PROFILE": "v"}}, "env h/x: OPENCLAW_PROFILE in `env` is set by the unit itself"),
        ({"env": {"A": "v"}, "secrets": {"A": "env:A"}}, "env h/x: A stands in both `env` and `secrets`"),
    ],
)
def test_a_gateway_that_would_not_be_safe_or_not_start_is_refused(gateway: dict[str, Any], found: str) -> None:
    """Each is found in the file, before the host."""
    assert messages({}, h={"x": gateway}) == [found]


def test_a_network_bind_with_the_token_is_fine() -> None:
    """Auth is on unless it is switched off."""
    assert messages({}, h={"x": {"bind": "lan"}}) == []


def test_a_variable_may_have_its_value_on_the_host_where_others_variables_are_kept() -> None:
    """Nobody here can know; it is said, and does not bar."""
    gateways = {"x": {"config": {"models": {"k": "${THERE}"}}, "envUnknown": "keep"}}
    (found,) = find_credential_problems(instances_of(h=gateways), {})
    assert (found.check, found.level) == ("A10", "warning")
