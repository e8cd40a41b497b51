"""What was decided, as keys of the config and of `.env`."""

from __future__ import annotations

import pytest

from clawfleet.cli.setup_answers import (
    Answers,
    BadUrl,
    CustomProvider,
    custom_id,
    provider_id_of,
    steps_of,
    variables_of,
)
from clawfleet.config.change import Edit

URL = "http://127.0.0.1:9911/v1"
NAME = "custom-127-0-0-1-9911"


@pytest.mark.parametrize(
    ("url", "name"),
    [(URL, NAME), ("https://Models.Example/v1", "custom-models-example"), ("http://[::1]:80/", "custom-1-80")],
)
def test_a_provider_is_named_after_its_address(url: str, name: str) -> None:
    assert provider_id_of(url) == name


@pytest.mark.parametrize("url", ["models", "ftp://x", "http://x:port", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        provider_id_of(url)


def test_another_address_gets_another_name() -> None:
    custom = CustomProvider("http://127.0.0.1:9911/v2", "m")
    source = {"models": {"providers": {NAME: {"baseUrl": URL}}}}
    assert custom_id(source, custom) == f"{NAME}-2"
    assert custom_id(source, CustomProvider(URL, "m")) == NAME
    assert custom_id(source, CustomProvider(URL, "m", id="Mine")) == "mine"


def test_a_custom_provider_keeps_what_is_there_and_its_key_goes_into_env() -> None:
    source = {"models": {"providers": {NAME: {"baseUrl": URL, "timeoutSeconds": 5, "models": [{"id": "old"}]}}}}
    answers = Answers(custom=CustomProvider(URL, "new", "sk-1"))
    provider = next(step for step in steps_of(source, answers) if step.path[-1] == NAME)
    assert provider.value == {
        "baseUrl": URL,
        "timeoutSeconds": 5,
        "models": [{"id": "old"}, {"id": "new", "name": "new"}],
        "api": "openai-completions",
        "apiKey": "${CUSTOM_127_0_0_1_9911_API_KEY}",
    }
    assert variables_of(source, answers) == {"CUSTOM_127_0_0_1_9911_API_KEY": "sk-1"}
    plain = Answers(custom=CustomProvider(URL, "new", "sk-1"), keeps_keys_in_config=True)
    assert variables_of(source, plain) == {}
    assert "sk-1" not in repr(answers)


def test_only_what_was_decided_is_written() -> None:
    assert steps_of({}, Answers()) == [Edit(("gateway", "mode"), "local")]
    answers = Answers(
        mode="remote",
        workspace="~/w",
        port=1,
        bind="lan",
        auth={"mode": "token", "token": "t"},
        remote={"url": "wss://x"},
        model="a/b",
        channel=("telegram", {"botToken": "${T}"}),
    )
    assert [step.path for step in steps_of({}, answers)] == [
        ("gateway", "mode"),
        ("gateway", "port"),
        ("gateway", "bind"),
        ("gateway", "auth", "mode"),
        ("gateway", "auth", "token"),
        ("gateway", "remote", "url"),
        ("agents", "defaults", "workspace"),
        ("agents", "defaults", "model", "primary"),
        ("channels", "telegram", "botToken"),
        ("channels", "telegram", "enabled"),
    ]
