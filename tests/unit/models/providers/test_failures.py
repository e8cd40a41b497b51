"""A failed model call names provider and model, opens with the known words and says what to do next."""

from __future__ import annotations

from typing import get_args

import pytest

from clawfleet.core.errors import ProviderError
from clawfleet.models.providers import failures
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.classify import Reason, Verdict, classify
from clawfleet.models.providers.failures import CallFailed, Site, failure_of

SITE = Site("a402", "s-402", "http://127.0.0.1:8317/v1", "A402_API_KEY in the environment")


@pytest.mark.parametrize(
    ("reason", "status", "leaf", "opening"),
    [
        ("auth", 401, failures.KeyRejected, "Authentication failed (provider returned HTTP 401). a402/s-402: why"),
        ("auth_permanent", 403, failures.KeyRejected, "Authentication failed (provider returned HTTP 403)."),
        ("billing", 402, failures.BillingRefused, "⚠️ a402 (s-402) returned a billing error — a402/s-402: why"),
        ("rate_limit", 429, failures.RateLimited, "⚠️ Rate limit reached for a402/s-402: why"),
        ("overloaded", 529, failures.ProviderOverloaded, "⚠️ The provider is overloaded: a402/s-402"),
        ("server_error", 500, failures.ProviderDown, "⚠️ Agent run failed (model: a402/s-402)."),
        ("timeout", 504, failures.ProviderTimeout, "LLM request timed out."),
        ("refusal", 400, failures.AnswerRefused, "The provider refused this request."),
        ("model_not_found", 404, failures.ModelNotFound, "⚠️ Agent run failed (model: a402/s-402)."),
        (
            "context_overflow",
            400,
            failures.ContextOverflow,
            "Context overflow: prompt too large for the model. Try /reset (or /new) to start a fresh session, "
            "or use a larger-context model.",
        ),
        (
            "format",
            400,
            failures.RequestRejected,
            "LLM request failed: provider rejected the request schema or tool payload.",
        ),
        ("unclassified", 418, failures.RequestRejected, "⚠️ Agent run failed (model: a402/s-402)."),
        ("server_error", None, failures.ProviderDown, "⚠️ Agent run failed (model: a402/s-402)."),
    ],
)
def test_each_reason_has_its_class_and_its_words(
    reason: Reason, status: int | None, leaf: type[CallFailed], opening: str
) -> None:
    error = failure_of(Verdict(reason, status, None, "why"), SITE)
    assert type(error) is leaf
    assert error.message.startswith(opening)
    assert "a402/s-402" in error.message
    assert error.message.endswith(": why")
    assert error.hint
    assert (error.reason, error.status) == (reason, status)
    assert isinstance(error, ProviderError)


def test_a_rejected_key_is_told_by_its_source() -> None:
    error = failure_of(classify(401, '{"error": {"message": "Incorrect key"}}'), SITE)
    assert error.hint == "the key came from A402_API_KEY in the environment: put a valid one there"


def test_a_rejection_without_a_key_says_that_none_was_sent() -> None:
    error = failure_of(classify(401, "Missing API key"), Site("lan", "m", "http://nas:1/v1"))
    assert error.hint == "no key was sent: set models.providers.lan.apiKey"


def test_the_wait_that_the_provider_asks_for_is_told() -> None:
    error = failure_of(classify(429, "", {"retry-after": "7"}), SITE)
    assert error.retry_after_s == 7
    assert error.hint is not None
    assert "in 7 s" in error.hint
    assert error.details == {
        "provider": "a402",
        "model": "s-402",
        "reason": "rate_limit",
        "status": 429,
        "retryAfterMs": 7000,
    }


def test_a_missing_key_names_the_variables() -> None:
    error = failures.no_key(Site("openai", "gpt", "https://api.openai.com/v1"), ["OPENAI_API_KEY", "CODEX_API_KEY"])
    assert error.message == 'No API key found for provider "openai" (openai/gpt).'
    assert error.hint is not None
    assert error.hint.startswith("set OPENAI_API_KEY or CODEX_API_KEY;")
    assert error.reason == "auth"


def test_a_limit_that_ran_out_is_named_with_its_length() -> None:
    idle = failures.timed_out(SITE, "idle", 120)
    assert idle.message == (
        "LLM request timed out. a402/s-402 began to answer and then sent nothing for 120 s (idle limit)."
    )
    assert str(idle.hint).endswith("models.providers.a402.timeoutSeconds sets how long to wait")
    connect = failures.timed_out(SITE, "connect", 0.5)
    assert connect.message == "LLM request timed out. a402/s-402 took no connection within 0.5 s (connect limit)."
    assert connect.reason == "timeout"
    total = failures.timed_out(SITE, "total", 3600)
    assert total.message.endswith("a402/s-402 had not finished its answer after 3600 s (total limit).")
    assert str(total.hint).endswith("CLAWFLEET_MODEL_TOTAL_S=<seconds> in .env sets how long to wait")


def test_an_unreachable_server_is_down_for_a_reason() -> None:
    assert failures.unreachable(SITE, "connection refused").reason == "timeout"
    error = failures.unreachable(SITE, "certificate has expired", "tls_certificate")
    assert isinstance(error, failures.ProviderDown)
    assert error.reason == "tls_certificate"
    assert "http://127.0.0.1:8317/v1" in error.message


def test_other_failures_name_the_model() -> None:
    for error in (
        failures.stream_cut(SITE),
        failures.bad_reply(SITE, "sent a web page"),
        failures.refused(SITE, "content_filter"),
    ):
        assert "a402/s-402" in error.message
        assert error.hint
        assert error.details["reason"] == error.reason


def test_a_site_shows_no_secret_of_the_endpoint() -> None:
    endpoint = Endpoint("p", "https://user:secret@host/v1?key=secret", api_key="secret", key_source="P_API_KEY")
    assert "secret" not in repr(Site.of(endpoint, "m"))
    assert "secret" not in repr(Endpoint("p", "https://host", api_key="secret", headers={"x-key": "secret"}))


def test_codes_are_unlike() -> None:
    leaves: list[type[CallFailed]] = [*CallFailed.__subclasses__(), failures.MalformedCall]
    assert len({leaf.code for leaf in leaves}) == len(leaves) == 16


def test_an_unset_variable_is_told_before_anything_is_sent() -> None:
    """With where to put it."""
    error = failures.variable_unset(SITE, "models.providers.a402.apiKey needs X; not set", "X")
    assert (type(error), error.code, error.reason) == (failures.VariableUnset, "PROVIDER_VARIABLE_UNSET", "auth")
    assert error.message == "models.providers.a402.apiKey needs X; not set"
    assert error.hint == "write X=… into .env in the state directory, then: openclaw secrets reload"


FINAL = ("auth", "auth_permanent", "billing", "format", "model_not_found", "context_overflow", "refusal")


@pytest.mark.parametrize("reason", get_args(Reason))
def test_what_a_pause_does_not_mend_is_not_worth_another_try(reason: Reason) -> None:
    assert failure_of(Verdict(reason, None, None, ""), SITE).is_retryable is (reason not in FINAL)


def test_nothing_is_tried_again_without_its_key() -> None:
    assert not failures.no_key(SITE, ("X",)).is_retryable
    assert not failures.variable_unset(SITE, "needs X", "X").is_retryable


def test_silence_and_a_cut_answer_are_told_apart_by_class() -> None:
    """Their reason is the same, what a client is told is not."""
    silent, cut = failures.timed_out(SITE, "idle", 5), failures.stream_cut(SITE)
    assert silent.reason == cut.reason == "timeout"
    assert not isinstance(silent, failures.StreamCut)
    assert not isinstance(cut, failures.ProviderTimeout)
    assert silent.is_retryable
    assert cut.is_retryable


@pytest.mark.parametrize("reason", get_args(Reason))
def test_a_failure_about_which_the_provider_said_nothing_ends_like_a_sentence(reason: Reason) -> None:
    message = failure_of(Verdict(reason, 502, None, ""), SITE).message
    assert message.endswith(".")
    assert not message.endswith("..")
