"""The shapes at the seam between turns and wires: silent by default, and discreet."""

from __future__ import annotations

import dataclasses

import pytest

from clawfleet.core.messages import Message
from clawfleet.models.providers.base import Endpoint, Provider, Request, Sampling
from clawfleet.models.providers.demo import DemoEcho
from clawfleet.models.providers.http import Http
from clawfleet.models.providers.openai_completions import OpenAICompletions


def test_sampling_asks_for_nothing_by_itself() -> None:
    assert not any(getattr(Sampling(), field.name) for field in dataclasses.fields(Sampling))
    assert Request("m", (Message("user", "hi"),)).sampling == Sampling()


def test_an_endpoint_keeps_its_secrets_out_of_its_repr() -> None:
    shown = repr(
        Endpoint("p", "https://host/v1", api_key="s3cret", headers={"x-key": "s3cret"}, key_source="P_API_KEY")
    )
    assert "s3cret" not in shown
    assert "P_API_KEY" in shown


def test_what_travels_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Endpoint("p", "https://host/v1").api_key = "other"  # type: ignore[misc]


def test_the_adapters_are_providers() -> None:
    endpoint = Endpoint("p", "http://127.0.0.1:1/v1")
    providers: list[Provider] = [OpenAICompletions(endpoint, Http), DemoEcho(endpoint)]
    assert [provider.api for provider in providers] == ["openai-completions", "demo"]
