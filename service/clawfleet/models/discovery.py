"""Asks providers which models they have: each at its own address, in its own way, with the key that chats use.

Source: models-and-auth §9 and §10.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from clawfleet.config.substitute import mend_of
from clawfleet.core.errors import ProviderError, RequestError
from clawfleet.models.hosts import public_url
from clawfleet.models.offers import Offer, offers_in, shown_by_ollama
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.failures import CallFailed, KeyRejected, ModelNotFound, ProviderDown, Site
from clawfleet.models.providers.http import Http
from clawfleet.models.setups import ProviderSetup, guessed_spec

TIMEOUT_S = 10.0
LOCAL_TIMEOUT_S = 3.0
LOCAL = ("ollama", "lmstudio", "vllm", "sglang", "litellm", "llamacpp")
"""Servers that people run at home; each has a usual port."""

MOST_SHOWN_AT_ONCE = 8
_APIS = frozenset({"openai-completions", "openai-responses", "anthropic-messages", "google-generative-ai", "ollama"})
_ANTHROPIC_VERSION = {"anthropic-version": "2023-06-01"}


class CannotAsk(RequestError):
    """This provider cannot be asked for its models, whatever it answers."""

    code = "CANNOT_LIST_MODELS"
    exit_code = 1


class NoAnswer(ProviderError):
    """The provider did not say which models it has."""

    code = "MODELS_NOT_LISTED"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a provider offers, and at which address it said so: it may be another than the configured one."""

    setup: ProviderSetup
    base_url: str
    offers: tuple[Offer, ...]


def ask_offers(setup: ProviderSetup, timeout_s: float = TIMEOUT_S) -> tuple[Offer, ...]:
    """As `listed`, for callers that wait."""
    return ask_listing(setup, timeout_s).offers


def ask_listing(setup: ProviderSetup, timeout_s: float = TIMEOUT_S) -> Listing:
    """As `listed`, for callers that wait."""

    async def run() -> Listing:
        http = Http()
        try:
            return await listed(http, setup, timeout_s)
        finally:
            await http.close()

    return asyncio.run(run())


def ask_local(setups: Sequence[ProviderSetup], timeout_s: float = LOCAL_TIMEOUT_S) -> list[Listing | NoAnswer]:
    """What each server answers, or why there is none; all are asked at once."""

    async def one(http: Http, setup: ProviderSetup) -> Listing | NoAnswer:
        try:
            return await listed(http, setup, timeout_s)
        except NoAnswer as error:
            return error
        except CannotAsk as error:
            return NoAnswer(error.message, hint=error.hint)

    async def run() -> list[Listing | NoAnswer]:
        http = Http()
        try:
            return list(await asyncio.gather(*(one(http, setup) for setup in setups)))
        finally:
            await http.close()

    return asyncio.run(run())


async def listed(http: Http, setup: ProviderSetup, timeout_s: float = TIMEOUT_S) -> Listing:
    """The models of a provider, in its order. Raises `CannotAsk`, and `NoAnswer` for what the server says."""
    _check(setup)
    asking = _Asking(http, setup, timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            found = await _found(asking)
    except TimeoutError:
        raise NoAnswer(f"{public_url(setup.base_url)} gave no answer within {timeout_s:g} s") from None
    except CallFailed as error:
        raise _refusal(setup, error) from None
    return replace(found, offers=tuple(map(_completed, found.offers)))


@dataclass(frozen=True, slots=True)
class _Asking:
    """One provider, ready to be asked."""

    http: Http
    setup: ProviderSetup
    timeout_s: float

    async def tree(self, url: str, auth: Mapping[str, str], body: Mapping[str, object] | None = None) -> Any:
        """The JSON at an address; None when it is none. Raises a leaf of `CallFailed`."""
        endpoint = replace(self.setup.endpoint, connect_s=self.timeout_s, idle_s=self.timeout_s)
        async with self.http.send(Call(url, body, auth, endpoint, Site.of(endpoint, "models"))) as reply:
            text = await reply.whole()
        try:
            return json.loads(text)
        except ValueError:
            return None

    def offers(self, tree: object, url: str) -> tuple[Offer, ...]:
        """The models in an answer. Raises `NoAnswer` when it is no list of models."""
        found = offers_in(tree)
        if found is None:
            raise NoAnswer(
                f"{public_url(url)} answered with something that is no list of models",
                hint="baseUrl must be the root of the API, mostly …/v1",
            )
        return found


async def _found(asking: _Asking) -> Listing:
    setup = asking.setup
    base, key = setup.base_url.rstrip("/"), setup.credential.key
    bearer = {"authorization": f"Bearer {key}"} if key else {}
    if setup.api == "ollama":
        return Listing(setup, setup.base_url, await _of_ollama(asking, bearer))
    if setup.api == "anthropic-messages":
        return Listing(setup, setup.base_url, await _of_anthropic(asking, bearer))
    if setup.api == "google-generative-ai":
        url = f"{base}/models?pageSize=1000"
        return Listing(setup, setup.base_url, asking.offers(await asking.tree(url, _named("x-goog-api-key", key)), url))
    async for url in _own_lists(setup):
        try:
            offers = offers_in(await asking.tree(url, bearer))
        except CallFailed:
            continue  # an older server, or another one: the common list is asked
        if offers:
            return Listing(setup, setup.base_url, offers)
    return await _of_openai(asking, bearer)


async def _own_lists(setup: ProviderSetup) -> AsyncIterator[str]:
    """Where servers say more of their models than the common list does."""
    root = setup.base_url.rstrip("/").removesuffix("/v1")
    if setup.id == "lmstudio":
        yield f"{root}/api/v1/models"
        yield f"{root}/api/v0/models"
    if setup.id == "litellm":
        yield f"{root}/model/info"


async def _of_openai(asking: _Asking, auth: Mapping[str, str]) -> Listing:
    """The common list; where there is none, the one a level lower, whose address is then the better one."""
    base = asking.setup.base_url.rstrip("/")
    try:
        tree = await asking.tree(f"{base}/models", auth)
    except ModelNotFound:
        if base.endswith("/v1"):
            raise
        base = f"{base}/v1"
        tree = await asking.tree(f"{base}/models", auth)
    return Listing(asking.setup, base, asking.offers(tree, f"{base}/models"))


async def _of_anthropic(asking: _Asking, bearer: Mapping[str, str]) -> tuple[Offer, ...]:
    url = f"{asking.setup.base_url.rstrip('/').removesuffix('/v1')}/v1/models?limit=1000"
    try:
        tree = await asking.tree(url, {**_ANTHROPIC_VERSION, **_named("x-api-key", asking.setup.credential.key)})
    except KeyRejected:
        if not bearer:
            raise
        tree = await asking.tree(url, {**_ANTHROPIC_VERSION, **bearer})
    return asking.offers(tree, url)


async def _of_ollama(asking: _Asking, auth: Mapping[str, str]) -> tuple[Offer, ...]:
    """Its list says names only; each model is asked for what it can do."""
    root = asking.setup.base_url.rstrip("/").removesuffix("/v1").removesuffix("/api")
    offers = asking.offers(await asking.tree(f"{root}/api/tags", auth), f"{root}/api/tags")
    places = asyncio.Semaphore(MOST_SHOWN_AT_ONCE)

    async def shown(offer: Offer) -> Offer | None:
        async with places:
            try:
                told = await asking.tree(f"{root}/api/show", auth, {"model": offer.id})
            except CallFailed:
                return offer
        return shown_by_ollama(offer, told)

    return tuple(offer for offer in await asyncio.gather(*map(shown, offers)) if offer)


def _named(name: str, key: str | None) -> dict[str, str]:
    return {name: key} if key else {}


def _completed(offer: Offer) -> Offer:
    """What the server left open about pictures, guessed by the name."""
    return offer if offer.input else replace(offer, input=guessed_spec(offer.id).input)


def _check(setup: ProviderSetup) -> None:
    place = f"models.providers.{setup.id}"
    if setup.api not in _APIS or not setup.base_url:
        raise CannotAsk(
            f'Provider "{setup.id}" (api {setup.api}) has no list of models that could be asked for',
            hint=f"write its models into {place}.models",
        )
    if setup.unset:
        raise CannotAsk(str(setup.unset), hint=mend_of(setup.unset.name))
    if setup.lacks_key:
        problem = f": {setup.credential.problem}" if setup.credential.problem else ""
        raise CannotAsk(
            f'Missing API key for provider "{setup.id}"{problem}.', hint=f"set {' or '.join(setup.key_names)}"
        )


def _refusal(setup: ProviderSetup, error: CallFailed) -> NoAnswer:
    """What the operator is told of an answer that is no list; never a key."""
    shown, place = public_url(setup.base_url), f"models.providers.{setup.id}"
    said = f": {error.said}" if error.said else ""
    if isinstance(error, KeyRejected):
        source, places = setup.credential.source, " or ".join(setup.key_names)
        message = (
            f'Provider "{setup.id}" rejected the key (HTTP {error.status}{said})'
            if setup.credential.key
            else f'Provider "{setup.id}" wants a key and none is set (HTTP {error.status}{said})'
        )
        mend = f"the key came from {source}: put a valid one there" if source else f"set {places}"
        return NoAnswer(message, hint=mend, status=error.status)
    if isinstance(error, ProviderDown) and error.status is None:
        parts = urlsplit(shown)
        is_tls = error.reason == "tls_certificate"
        question = "" if is_tls else " Is the server running?"
        hint = error.hint if is_tls else f"is {place}.baseUrl right?"
        return NoAnswer(f"Cannot reach {parts.scheme}://{parts.netloc}{said}.{question}", hint=hint)
    if isinstance(error, ModelNotFound):
        mend = f"{place}.baseUrl must be the root of the API, mostly …/v1"
        return NoAnswer(f"{shown} has no list of models (HTTP {error.status})", hint=mend, status=error.status)
    what = f"{shown} answered HTTP {error.status}{said}" if error.status else error.message
    return NoAnswer(what, hint=None if error.status else error.hint, status=error.status)
