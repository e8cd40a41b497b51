"""Secrets do not survive in text that people read."""

from __future__ import annotations

import pytest

from clawfleet.secrets.redact import Redactor


def test_known_values_are_masked_wherever_they_stand() -> None:
    """The longest wins, so that no tail of a longer secret is left."""
    redactor = Redactor(["hunter22", "hunter2222"])
    assert redactor.redact("a=hunter2222 b=hunter22.") == "a=*** b=***."


def test_values_learnt_later_are_masked_too() -> None:
    """A generated token is known only after the start."""
    redactor = Redactor()
    assert redactor.redact("tok 8f3a9c") == "tok 8f3a9c"
    redactor.add("8f3a9c")
    assert redactor.redact("tok 8f3a9c") == "tok ***"


def test_a_secret_inside_a_url_is_masked_as_it_looks_there() -> None:
    """Percent-encoding does not hide it from us."""
    assert Redactor(["p@ss/word"]).redact("http://h/?x=p%40ss%2Fword") == "http://h/?x=***"


def test_tiny_values_are_left_alone() -> None:
    """Masking every 1 would make the log useless."""
    assert Redactor(["1", "  "]).redact("port 18789") == "port 18789"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ("authorization: Basic dXNlcjpwdw==", "authorization: Basic ***"),
        ("x-api-key: 12345678", "x-api-key: ***"),
        ('{"apiKey":"abcd1234"}', '{"apiKey":"***"}'),
        ("key sk-" + "abcdefgh12345678 refused", "key sk-*** refused"),
        ("http://h/bot123456:AAExxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/getMe", "http://h/bot***/getMe"),
        ("token 123456789:AAExxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "token ***"),
        ("http://127.0.0.1:18789/#token=0123abcd", "http://127.0.0.1:18789/#token=***"),
        ("https://h/v1beta/models?key=AbCd&alt=sse", "https://h/v1beta/models?key=***&alt=sse"),
        ("xoxb-123456789012-abc", "xoxb-***"),
    ],
)
def test_shapes_of_secrets_are_masked(text: str, masked: str) -> None:
    """Also secrets nobody told us about; what kind it was stays readable."""
    assert Redactor().redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "listening on ws://127.0.0.1:18789",
        "2026-11-21T06:45:08.123Z [gateway] ready in 812 ms",
        "gateway.auth.password is unset",
        'apiKey: "${OPENAI_API_KEY}"',
        "agent:main:telegram:group:-1001234",
        "maxTokens=8192",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    """A log that masks its own content helps nobody."""
    assert Redactor().redact(text) == text


def test_operators_can_add_patterns() -> None:
    """logging.redactPatterns."""
    assert Redactor(patterns=[r"CUST-\d+"]).redact("for CUST-77") == "for ***"


def test_other_patterns_take_the_place_of_the_first_ones() -> None:
    redactor = Redactor(patterns=["cat"])
    redactor.look_for(["dog"])
    assert redactor.redact("cat and dog") == "cat and ***"
