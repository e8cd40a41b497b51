"""Asks a provider which models it has: `GET {baseUrl}/models` of OpenAI-compatible servers. Blocks.

Source: models-and-auth §3, config-and-cli §10 (`models scan`).
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clawfleet import __version__
from clawfleet.config.substitute import mend_of
from clawfleet.core.errors import ProviderError, RequestError
from clawfleet.models.hosts import public_url
from clawfleet.models.setups import ProviderSetup

TIMEOUT_S = 10.0
MAX_BYTES = 4 * 1024 * 1024
APIS = frozenset({"openai-completions", "openai-responses"})
# What servers call the size of a model's context. Source: OpenRouter, vLLM, LM Studio.
_WINDOWS = ("context_length", "max_model_len", "max_context_length", "context_window")


class CannotAsk(RequestError):
    """This provider cannot be asked for its models, whatever it answers."""

    code = "CANNOT_LIST_MODELS"
    exit_code = 1


class NoAnswer(ProviderError):
    """The provider did not say which models it has."""

    code = "MODELS_NOT_LISTED"


@dataclass(frozen=True, slots=True)
class Offer:
    """One model that a provider says it has; the size of its context in tokens where it says that too."""

    id: str
    context_window: int | None = None


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: a key goes to the address it was meant for."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ask_offers(setup: ProviderSetup, timeout_s: float = TIMEOUT_S) -> tuple[Offer, ...]:
    """The models of a provider, in its order. Raises `CannotAsk`, and `NoAnswer` for what the server says."""
    _check(setup)
    url = f"{setup.base_url.rstrip('/')}/models"
    shown = f"{public_url(setup.base_url).rstrip('/')}/models"
    key = {"Authorization": f"Bearer {setup.credential.key}"} if setup.credential.key else {}
    headers = {"Accept": "application/json", "User-Agent": f"clawfleet/{__version__}", **key, **setup.headers}
    # No proxy of the environment: it must not capture providers on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stays)
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=timeout_s) as reply:  # noqa: S310
            body = reply.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise _refusal(shown, error.code, setup) from None
    except (OSError, ValueError) as error:
        raise NoAnswer(
            f"Cannot reach {shown}: {_why(error)}",
            hint=f"is the server running, and is models.providers.{setup.id}.baseUrl right?",
        ) from None
    return read_offers(body, shown)


def read_offers(body: bytes, shown: str) -> tuple[Offer, ...]:
    """The models in an answer. Raises `NoAnswer` when it is no list of models."""
    try:
        tree = json.loads(body) if len(body) <= MAX_BYTES else None
    except ValueError:
        tree = None
    rows = tree.get("data", tree.get("models")) if isinstance(tree, dict) else tree
    if not isinstance(rows, list):
        raise NoAnswer(
            f"{shown} answered with something that is no list of models",
            hint="baseUrl must be the root of the API, mostly …/v1",
        )
    return tuple({offer.id: offer for offer in _offers(rows)}.values())


def _offers(rows: list[Any]) -> Iterator[Offer]:
    for row in rows:
        name = row.get("id") or row.get("name") if isinstance(row, Mapping) else row
        if isinstance(name, str) and name.strip():
            sizes = (row.get(key) for key in _WINDOWS) if isinstance(row, Mapping) else ()
            yield Offer(name.strip(), next((size for size in sizes if type(size) is int and size > 0), None))


def _check(setup: ProviderSetup) -> None:
    place = f"models.providers.{setup.id}"
    if setup.api not in APIS or not setup.base_url:
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


def _refusal(shown: str, status: int, setup: ProviderSetup) -> NoAnswer:
    if status in (401, 403):
        source = setup.credential.source
        hint = f"the key came from {source}: put a valid one there" if source else f"set {setup.key_names[-1]}"
        return NoAnswer(f"{shown} does not accept the key (HTTP {status})", hint=hint, status=status)
    return NoAnswer(
        f"{shown} answered HTTP {status}",
        hint="baseUrl must be the root of the API, mostly …/v1" if status in (301, 302, 307, 308, 404) else None,
        status=status,
    )


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.errno:
        return os.strerror(reason.errno).lower() if reason.errno > 0 else "its host name is not known"
    return "no trusted connection" if isinstance(reason, OSError) else "its URL or one of its headers is not valid"
