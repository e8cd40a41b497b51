"""What the operator wants sent: known words in their place, the others into the body, the caller's own first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clawfleet.core.messages import Message
from clawfleet.models.providers.base import Endpoint, Request, Sampling
from clawfleet.models.providers.params import service_tier, tuned, wider

LAN = Endpoint("lan", "http://127.0.0.1:1/v1", reasoning=True)
ASK = Request("m", (Message("user", "hi"),))


def with_params(**params: object) -> Endpoint:
    return replace(LAN, params=params)


def test_nothing_said_changes_nothing() -> None:
    assert tuned(ASK, LAN) is ASK
    assert tuned(ASK, with_params(chat_template_kwargs={})) is ASK


def test_what_the_caller_left_open_is_filled() -> None:
    endpoint = with_params(temperature=0.3, topP=1, maxTokens=123, thinking="x-high")
    assert tuned(ASK, endpoint).sampling == Sampling(
        temperature=0.3, top_p=1.0, max_tokens=123, reasoning_effort="xhigh"
    )
    asked = replace(ASK, sampling=Sampling(temperature=1.0, top_p=0.5, max_tokens=5, reasoning_effort="low"))
    assert tuned(asked, endpoint) is asked


@pytest.mark.parametrize("name", ["maxTokens", "max_tokens", "max_completion_tokens"])
def test_a_limit_has_three_names(name: str) -> None:
    assert tuned(ASK, with_params(**{name: 7})).sampling.max_tokens == 7


def test_values_that_make_no_sense_are_left_alone() -> None:
    assert tuned(ASK, with_params(temperature="warm", maxTokens=0, topP=True, thinking="hard")) is ASK
    assert tuned(ASK, replace(with_params(thinking="high"), reasoning=False)) is ASK
    assert tuned(ASK, with_params(thinking=False)).sampling.reasoning_effort == "off"


def test_an_extra_body_wins_over_all() -> None:
    endpoint = with_params(extra_body={"model": "other", "top_k": 4}, top_a=1)
    assert wider({"model": "m"}, endpoint) == {"model": "other", "top_k": 4}
    assert wider({"model": "m"}, with_params(extraBody={"top_k": 4})) == {"model": "m", "top_k": 4}
    assert wider({"model": "m"}, with_params(extra_body="no object")) == {"model": "m"}


def test_a_wire_that_takes_any_gets_the_other_words_too_behind_its_own() -> None:
    endpoint = with_params(chat_template_kwargs={"a": 1}, model="other", temperature=1, cacheRetention="long")
    assert wider({"model": "m"}, endpoint, takes_any=True) == {"chat_template_kwargs": {"a": 1}, "model": "m"}


@pytest.mark.parametrize(
    ("params", "tier"),
    [
        ({}, None),
        ({"serviceTier": "flex", "fastMode": True}, "flex"),
        ({"service_tier": "flex"}, "flex"),
        ({"fastMode": True}, "fast"),
        ({"fast_mode": "on"}, "fast"),
        ({"fastMode": False}, "slow"),
        ({"fastMode": "auto"}, None),
    ],
)
def test_a_fast_mode_is_a_tier(params: dict[str, object], tier: str | None) -> None:
    assert service_tier(params, "fast", "slow") == tier
