"""Known hosts get their deviations without being told, and the operator has the last word."""

from __future__ import annotations

import pytest

from clawfleet.models.providers.compat import Compat, compat_of

OPENAI = "https://api.openai.com/v1"
LOCAL = "http://127.0.0.1:8317/v1"
UNKNOWN = "https://llm.example.com/v1"


def test_openai_itself_deviates_in_nothing() -> None:
    assert compat_of(OPENAI, {}) == Compat()


def test_a_local_server_gets_neither_developer_role_nor_effort() -> None:
    compat = compat_of(LOCAL, {})
    assert not compat.supports_developer_role
    assert not compat.supports_reasoning_effort
    assert compat.supports_usage_in_streaming


def test_an_unknown_remote_server_is_not_asked_for_usage() -> None:
    assert not compat_of(UNKNOWN, {}).supports_usage_in_streaming
    assert compat_of(UNKNOWN, {"supportsUsageInStreaming": True}).supports_usage_in_streaming


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("https://api.mistral.ai/v1", "max_tokens"),
        ("https://api.moonshot.cn/v1", "max_tokens"),
        ("https://api.z.ai/api/paas/v4", "max_tokens"),
        ("https://api.together.xyz/v1", "max_tokens"),
        ("https://notmistral.ai/v1", "max_completion_tokens"),
        (OPENAI, "max_completion_tokens"),
        (LOCAL, "max_completion_tokens"),
    ],
)
def test_the_name_of_the_answer_limit(url: str, field: str) -> None:
    assert compat_of(url, {}).max_tokens_field == field


def test_the_operator_wins() -> None:
    said = {
        "supportsTools": False,
        "requiresStringContent": True,
        "supportsDeveloperRole": True,
        "maxTokensField": "max_tokens",
        "supportsUsageInStreaming": False,
        "strictMessageKeys": True,
        "supportsReasoningEffort": True,
    }
    assert compat_of(LOCAL, said) == Compat(
        False, True, True, "max_tokens", False, True, True, supports_prompt_cache_key=False
    )
    assert compat_of("https://api.mistral.ai/v1", {"maxTokensField": "max_completion_tokens"}).max_tokens_field == (
        "max_completion_tokens"
    )


def test_a_value_of_the_wrong_type_counts_as_not_said() -> None:
    assert compat_of(OPENAI, {"supportsTools": "no", "maxTokensField": 7, "thinkingFormat": "loud"}) == Compat()
