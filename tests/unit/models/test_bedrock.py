"""What Amazon Bedrock has for an account: signed requests, clear words without library, keys or rights."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from clawfleet.config.models.providers import BedrockDiscovery
from clawfleet.models.bedrock import account_of, ask_bedrock, offers_of
from clawfleet.models.discovery import CannotAsk, NoAnswer
from clawfleet.models.offers import Offer
from tests.fakes.bedrock import KEY_ID, MODELS, PROFILES, REGION, SECRET, make_app
from tests.fakes.serving import in_thread

NOVA = Offer("amazon.nova-y-v1:0", input=("text",), name="Nova Y")
CLAUDE = Offer("eu.anthropic.claude-x-v1:0", input=("text", "image"), name="EU Claude X")


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    with in_thread(make_app) as url:
        yield {
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_BEDROCK": url,
        }


def test_models_come_with_signed_requests(environ: dict[str, str]) -> None:
    found = ask_bedrock(BedrockDiscovery(), environ)
    assert found.offers == (NOVA, CLAUDE)
    assert (found.setup.id, found.setup.api) == ("amazon-bedrock", "bedrock-converse-stream")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "another-secret"}, "signature we calculated does not match"),
        ({"AWS_ACCESS_KEY_ID": "AKIDNOBODY"}, "security token included in the request is invalid"),
        ({"AWS_REGION": "us-west-2"}, "scoped to a valid region"),
    ],
)
def test_what_is_signed_wrongly_is_refused_and_no_secret_is_told(
    environ: dict[str, str], changed: dict[str, str], says: str
) -> None:
    with pytest.raises(NoAnswer, match=says) as caught:
        ask_bedrock(BedrockDiscovery(), environ | changed)
    assert "ListFoundationModels" in str(caught.value.hint)
    assert "secret" not in caught.value.message


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(CannotAsk) as caught:
        ask_bedrock(BedrockDiscovery(), {})
    assert caught.value.hint == "pip install 'clawfleet[bedrock]'"


def test_without_keys_it_is_said_where_they_may_stand() -> None:
    with pytest.raises(CannotAsk, match="No AWS credentials found"):
        ask_bedrock(BedrockDiscovery(), {"AWS_PROFILE": "nobody-has-this-one"})


def test_a_place_where_nobody_answers_is_told() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    with pytest.raises(NoAnswer, match="Amazon Bedrock in us-east-1 cannot be asked"):
        ask_bedrock(BedrockDiscovery(), environ, 2)


def test_the_config_comes_before_the_environment() -> None:
    assert account_of(BedrockDiscovery(region="r"), {"AWS_REGION": "s"}).region == "r"
    assert account_of(BedrockDiscovery(), {"AWS_DEFAULT_REGION": "s"}).region == "s"
    account = account_of(BedrockDiscovery(), {"AWS_PROFILE": "p"})
    assert (account.profile, account.setup.base_url) == ("p", "https://bedrock.us-east-1.amazonaws.com")


def test_makers_can_be_chosen_and_sizes_given() -> None:
    discovery = BedrockDiscovery(provider_filter=(" anthropic",), default_context_window=7, default_max_tokens=3)
    assert offers_of(MODELS, PROFILES, discovery) == (Offer(CLAUDE.id, 7, 3, CLAUDE.input, name=CLAUDE.name),)
