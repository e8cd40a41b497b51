"""Providers and their models. Source: models-and-auth §3."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.providers import ModelEntry, ModelProvider, Models


def test_a_model_needs_only_its_id() -> None:
    """The name is the id, it reads text."""
    model = ModelEntry.model_validate({"id": "gpt-5.3-codex"})
    assert (model.name, model.input, model.reasoning) == ("gpt-5.3-codex", ("text",), False)
    assert model.context_window is model.max_tokens is None
    assert ModelEntry.model_validate({"id": "a", "name": "A"}).name == "A"


def test_a_provider_speaks_completions_by_default() -> None:
    """With an address and a list of models, which may be empty."""
    provider = ModelProvider.model_validate({"baseUrl": "http://h/v1", "models": []})
    assert (provider.api, provider.models) == ("openai-completions", ())


@pytest.mark.parametrize(
    "row",
    [
        {"baseUrl": "", "models": []},
        {"baseUrl": "u", "models": [], "api": "smoke"},
        {"baseUrl": "u", "models": [{"id": "a", "contextWindow": 0}]},
        {"baseUrl": "u", "models": [], "timeoutSeconds": -1},
    ],
)
def test_refused(row: dict[str, Any]) -> None:
    """What cannot be called."""
    with pytest.raises(ValidationError):
        ModelProvider.model_validate(row)


def test_only_what_differs_need_be_said_of_a_known_provider() -> None:
    """Nothing said is not an empty list."""
    provider = ModelProvider.model_validate({"apiKey": "k"})
    assert provider.base_url is None
    assert provider.models is None


def test_keys_and_headers_stay_out_of_a_repr() -> None:
    """They are secrets."""
    row = {"baseUrl": "u", "apiKey": "s3cret", "headers": {"X-Key": "s3cret"}, "models": []}
    assert "s3cret" not in repr(Models.model_validate({"providers": {"x": row}}))
