"""A model ref is read as people write it."""

from __future__ import annotations

import pytest

from clawfleet.models.refs import ModelRef, parse_ref, split_pin


@pytest.mark.parametrize(
    ("text", "provider", "model"),
    [
        ("openai/gpt-5.2", "openai", "gpt-5.2"),
        (" OpenAI / GPT-5.2 ", "openai", "GPT-5.2"),
        ("openrouter/moonshotai/kimi-k2", "openrouter", "moonshotai/kimi-k2"),
        ("mlx/mlx-community/Qwen3-30B-A3B-6bit", "mlx", "mlx-community/Qwen3-30B-A3B-6bit"),
        ("synthetic/hf:MiniMaxAI/MiniMax-M3", "synthetic", "hf:MiniMaxAI/MiniMax-M3"),
        ("z.ai/glm-4.7", "zai", "glm-4.7"),
        ("Z-AI/glm-4.7", "zai", "glm-4.7"),
        ("x-ai/grok", "xai", "grok"),
        ("moonshotai/kimi", "moonshot", "kimi"),
        ("dashscope/qwen", "qwen", "qwen"),
        ("custom-127-0-0-1-8317/claude-opus-4-6", "custom-127-0-0-1-8317", "claude-opus-4-6"),
    ],
)
def test_a_ref_splits_at_its_first_slash(text: str, provider: str, model: str) -> None:
    assert parse_ref(text) == ModelRef(provider, model)


@pytest.mark.parametrize("text", ["", "opus", "/", "openai/", "/gpt", "  / "])
def test_what_names_only_half_is_no_ref(text: str) -> None:
    assert parse_ref(text) is None


def test_case_matters_in_model_ids_only() -> None:
    assert parse_ref("A/Reader") != parse_ref("a/reader")
    assert parse_ref("A/reader") == parse_ref("a/reader")


def test_a_ref_is_written_as_it_is_read() -> None:
    assert str(ModelRef("openrouter", "moonshotai/kimi-k2")) == "openrouter/moonshotai/kimi-k2"
    assert str(ModelRef("", "nobody")) == "nobody"


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("p/m@p:two", ("p/m", "p:two")),
        ("fast@p:two", ("fast", "p:two")),
        ("p/claude-x@20250929", ("p/claude-x@20250929", None)),
        ("p/claude-x@20250929@p:two", ("p/claude-x@20250929", "p:two")),
        ("p/model@q4_k_m", ("p/model@q4_k_m", None)),
        ("p/model@8bit", ("p/model@8bit", None)),
        ("p/@scope/m", ("p/@scope/m", None)),
        ("p/m@", ("p/m@", None)),
        ("p/m", ("p/m", None)),
    ],
)
def test_an_auth_profile_behind_a_model(text: str, split: tuple[str, str | None]) -> None:
    assert split_pin(text) == split
