"""What can go wrong with a model call, as errors that say whom they concern and what to do.

    ProviderError
    └── CallFailed          any failed model call: .reason, .status, .retry_after_s
        ├── KeyRejected         the provider knows the key not, or no longer (401, 403)
        ├── NoKey               nothing was sent: the provider wants a key and none is set
        ├── VariableUnset       nothing was sent: the provider's config waits for a variable
        ├── BillingRefused      the account has no money left (402)
        ├── RateLimited         too much in too short a time (429)
        ├── ProviderOverloaded  busy for everyone (529, 503)
        ├── ProviderDown        broken (5xx), or not there at all
        ├── ProviderTimeout     silent for too long
        ├── StreamCut           ended in the middle of an answer
        ├── BadReply            answered with something that is no answer
        │   └── MalformedCall       called a tool with arguments that are none
        ├── EmptyAnswer         said nothing and did nothing
        ├── AnswerRefused       the provider's own rules forbid the answer
        ├── ModelNotFound       the provider has no such model (404)
        ├── ContextOverflow     the conversation is longer than the model can read
        └── RequestRejected     the provider does not like the request itself (400, 422)

The opening words of each message are those that OpenClaw's users know. No message holds a key.
Source: models-and-auth §5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from clawfleet.config.substitute import mend_of
from clawfleet.core.errors import ProviderError
from clawfleet.models.hosts import public_url
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.classify import Reason, Verdict

TOTAL_VARIABLE = "CLAWFLEET_MODEL_TOTAL_S"
"""Seconds that one answer of a model may take from its request to its end, instead of an hour."""

Limit = Literal["connect", "first byte", "idle", "total"]

_FINAL: frozenset[Reason] = frozenset(
    ("auth", "auth_permanent", "billing", "format", "model_not_found", "context_overflow", "refusal")
)


@dataclass(frozen=True, slots=True)
class Site:
    """Whom a failure concerns. `key_source` names the place of the key, never the key."""

    provider: str
    model: str
    base_url: str
    key_source: str | None = None

    @classmethod
    def of(cls, endpoint: Endpoint, model: str) -> Site:
        """The call of `model` at `endpoint`."""
        return cls(endpoint.provider, model, public_url(endpoint.base_url), endpoint.key_source)

    @property
    def ref(self) -> str:
        """The model as the operator writes it."""
        return f"{self.provider}/{self.model}"

    @property
    def section(self) -> str:
        """The config section that describes the provider."""
        return f"models.providers.{self.provider}"


class CallFailed(ProviderError):
    """A model call failed. `reason` decides on retry and fallback; `status` is the HTTP status if there was one.

    `said` is what the provider, or the machine, said of it; no key is in it.
    """

    code = "PROVIDER_ERROR"
    default_reason: ClassVar[Reason] = "unclassified"

    def __init__(self, message: str, site: Site, *, hint: str | None = None, verdict: Verdict | None = None) -> None:
        self.site = site
        self.reason: Reason = verdict.reason if verdict else self.default_reason
        self.status = verdict.status if verdict else None
        self.retry_after_s = verdict.retry_after_s if verdict else None
        self.said = verdict.text if verdict else ""
        facts: dict[str, object] = {"provider": site.provider, "model": site.model, "reason": self.reason}
        if self.status is not None:
            facts["status"] = self.status
        if self.retry_after_s is not None:
            facts["retryAfterMs"] = round(self.retry_after_s * 1000)
        super().__init__(message, hint=hint, **facts)

    @property
    def is_retryable(self) -> bool:
        """Whether the same request, later, may be answered: not when the key, the account or the request is wrong."""
        return self.reason not in _FINAL


class KeyRejected(CallFailed):
    """The provider did not accept the key."""

    code = "PROVIDER_KEY_REJECTED"
    default_reason = "auth"


class NoKey(CallFailed):
    """The provider needs a key and none is set; nothing was sent."""

    code = "PROVIDER_NO_KEY"
    default_reason = "auth"


class VariableUnset(CallFailed):
    """The provider's key, address or headers name a variable that nobody sets; nothing was sent."""

    code = "PROVIDER_VARIABLE_UNSET"
    default_reason = "auth"


class BillingRefused(CallFailed):
    """The provider wants money first."""

    code = "PROVIDER_BILLING"
    default_reason = "billing"


class RateLimited(CallFailed):
    """Too many requests or tokens for the provider's limits."""

    code = "PROVIDER_RATE_LIMITED"
    default_reason = "rate_limit"


class ProviderOverloaded(CallFailed):
    """The provider has too much to do."""

    code = "PROVIDER_OVERLOADED"
    default_reason = "overloaded"


class ProviderDown(CallFailed):
    """The provider is broken or cannot be reached."""

    code = "PROVIDER_DOWN"
    default_reason = "server_error"


class ProviderTimeout(CallFailed):
    """The provider kept silent for longer than allowed."""

    code = "PROVIDER_TIMEOUT"
    default_reason = "timeout"


class StreamCut(CallFailed):
    """The answer ended before the provider said that it was complete."""

    code = "PROVIDER_STREAM_CUT"
    default_reason = "timeout"


class BadReply(CallFailed):
    """The provider sent something that is not an answer of its wire API."""

    code = "PROVIDER_BAD_REPLY"


class MalformedCall(BadReply):
    """The model called a tool with arguments that are no JSON object, or without a name; nothing was executed."""

    code = "PROVIDER_MALFORMED_CALL"


class EmptyAnswer(CallFailed):
    """The model ended its answer without a word and without a call."""

    code = "PROVIDER_EMPTY_ANSWER"
    default_reason = "empty_response"


class AnswerRefused(CallFailed):
    """The provider's content rules stopped the answer; asking again unchanged does not help."""

    code = "PROVIDER_REFUSED"
    default_reason = "refusal"


class ModelNotFound(CallFailed):
    """The provider has no model of this name, or no API at this address."""

    code = "PROVIDER_MODEL_NOT_FOUND"
    default_reason = "model_not_found"


class ContextOverflow(CallFailed):
    """The conversation is longer than the model can read."""

    code = "PROVIDER_CONTEXT_OVERFLOW"
    default_reason = "context_overflow"


class RequestRejected(CallFailed):
    """The provider refused the request as such."""

    code = "PROVIDER_REQUEST_REJECTED"
    default_reason = "format"


_CLASSES: dict[Reason, type[CallFailed]] = {
    "auth": KeyRejected,
    "auth_permanent": KeyRejected,
    "billing": BillingRefused,
    "rate_limit": RateLimited,
    "overloaded": ProviderOverloaded,
    "server_error": ProviderDown,
    "timeout": ProviderTimeout,
    "refusal": AnswerRefused,
    "model_not_found": ModelNotFound,
    "context_overflow": ContextOverflow,
    "format": RequestRejected,
    "unclassified": RequestRejected,
}


def failure_of(verdict: Verdict, site: Site) -> CallFailed:
    """The error for a verdict on a provider's own answer."""
    opening, hint = _words(verdict, site)
    message = opening if site.ref in opening else f"{opening} {site.ref}"
    if verdict.text:
        message += f": {verdict.text}"
    elif not message.endswith("."):
        message += "."
    return _CLASSES.get(verdict.reason, CallFailed)(message, site, hint=hint, verdict=verdict)


def no_key(site: Site, places: Sequence[str], problem: str | None = None) -> NoKey:
    """The error for a provider that needs a key; `places` may hold one, `problem` says why one that is set is none."""
    what = f": {problem}" if problem else ""
    return NoKey(
        f'No API key found for provider "{site.provider}" ({site.ref}){what}.',
        site,
        hint=f"set {' or '.join(places)}; variables are read from the environment and from .env in the state directory",
    )


def variable_unset(site: Site, what: str, variable: str) -> VariableUnset:
    """The error for a provider whose config waits for `variable`; `what` says where it is wanted."""
    hint = f"{mend_of(variable)}, then: openclaw secrets reload"
    return VariableUnset(what, site, hint=hint)


def unreachable(site: Site, why: str, reason: Reason = "timeout") -> ProviderDown:
    """The error for a server that takes no connection; `why` is a few words."""
    if reason == "tls_certificate":
        hint = (
            f"its certificate is not trusted on this machine: put its authority into {site.section}.request.tls.ca, "
            f"or check {site.section}.baseUrl"
        )
    else:
        hint = f"is the server running, and is {site.section}.baseUrl right?"
    verdict = Verdict(reason, status=None, retry_after_s=None, text=why)
    return ProviderDown(f"Cannot reach {site.base_url} for {site.ref}: {why}", site, hint=hint, verdict=verdict)


def timed_out(site: Site, limit: Limit, seconds: float) -> ProviderTimeout:
    """The error for a limit that ran out; `seconds` is how long it was."""
    what = {
        "connect": f"took no connection within {seconds:g} s",
        "first byte": f"sent no first byte within {seconds:g} s",
        "idle": f"began to answer and then sent nothing for {seconds:g} s",
        "total": f"had not finished its answer after {seconds:g} s",
    }[limit]
    raises = f"{TOTAL_VARIABLE}=<seconds> in .env" if limit == "total" else f"{site.section}.timeoutSeconds"
    return ProviderTimeout(
        f"LLM request timed out. {site.ref} {what} ({limit} limit).",
        site,
        hint=f"check the server at {site.base_url}; {raises} sets how long to wait",
    )


def stream_cut(site: Site) -> StreamCut:
    """The error for an answer that stopped before its end."""
    return StreamCut(
        f"The answer of {site.ref} broke off before it was complete.",
        site,
        hint="send the message again; if it happens often, look at the provider or at a proxy before it",
    )


def bad_reply(site: Site, what: str, hint: str | None = None) -> BadReply:
    """The error for a reply that cannot be read; `what` completes the sentence."""
    return BadReply(f"{site.ref}: {what}", site, hint=hint or "send the message again")


def malformed_call(site: Site, why: str) -> MalformedCall:
    """The error for a tool call that must not be executed; `why` is a few words."""
    return MalformedCall(
        f"{site.ref}: Provider returned an incomplete or malformed tool call ({why}).",
        site,
        hint="send the message again, or use a model that is better with tools",
    )


def empty_answer(site: Site) -> EmptyAnswer:
    """The error for an answer without content."""
    return EmptyAnswer(
        f"⚠️ Agent couldn't generate a response. Please try again. {site.ref} ended its answer without a word.",
        site,
        hint="put it differently, or use another model",
    )


def refused(site: Site, what: str) -> AnswerRefused:
    """The error for an answer that the provider's own rules stopped; `what` is the provider's word for it."""
    return AnswerRefused(
        f"The provider refused this request. {site.ref}: {what}",
        site,
        hint="put it differently, or use another model",
    )


def _words(verdict: Verdict, site: Site) -> tuple[str, str]:
    """The opening of the message and the hint."""
    http = f"HTTP {verdict.status}" if verdict.status else "an error in its answer"
    table: dict[Reason, tuple[str, str]] = {
        "auth": (f"Authentication failed (provider returned {http}).", _key_hint(site)),
        "auth_permanent": (f"Authentication failed (provider returned {http}).", _key_hint(site)),
        "billing": (
            f"⚠️ {site.provider} ({site.model}) returned a billing error —",
            f"top up the account behind {site.key_source or 'this provider'}, or use another model",
        ),
        "rate_limit": ("⚠️ Rate limit reached for", _wait_hint(verdict)),
        "overloaded": ("⚠️ The provider is overloaded:", _wait_hint(verdict)),
        "server_error": (f"⚠️ Agent run failed (model: {site.ref}). The provider returned {http}", _wait_hint(verdict)),
        "timeout": (f"LLM request timed out. The provider returned {http} for", _wait_hint(verdict)),
        "refusal": ("The provider refused this request.", "put it differently, or use another model"),
        "model_not_found": (
            f"⚠️ Agent run failed (model: {site.ref}). The provider does not know this model or address ({http})",
            f"check the model's id, and that {site.section}.baseUrl ({site.base_url}) is the API's root, mostly …/v1",
        ),
        "context_overflow": (
            "Context overflow: prompt too large for the model. Try /reset (or /new) to start a fresh session, "
            "or use a larger-context model.",
            f"the conversation is longer than {site.ref} can read",
        ),
        "format": (
            "LLM request failed: provider rejected the request schema or tool payload.",
            f"if {site.ref} lacks a feature, say so in {site.section}.models[].compat, e.g. supportsTools: false",
        ),
    }
    other = (f"⚠️ Agent run failed (model: {site.ref}). The provider returned {http}", f"check {site.section}.baseUrl")
    return table.get(verdict.reason, other)


def _key_hint(site: Site) -> str:
    if site.key_source is None:
        return f"no key was sent: set {site.section}.apiKey"
    return f"the key came from {site.key_source}: put a valid one there"


def _wait_hint(verdict: Verdict) -> str:
    wait = f"in {verdict.retry_after_s:g} s" if verdict.retry_after_s else "in a moment"
    return f"send the message again {wait}, or use another model"
