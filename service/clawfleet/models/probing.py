"""Asks a provider for a word with each of its keys, to see which of them work. Source: models-and-auth §8.1."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal

from clawfleet.core.errors import GatewayError
from clawfleet.core.messages import Message
from clawfleet.models.auth.profiles import Kind
from clawfleet.models.auth.report import ProfileReport, reports
from clawfleet.models.client import Asker, Models
from clawfleet.models.credentials import WRITTEN_PLACES
from clawfleet.models.failover import Leg
from clawfleet.models.providers.base import Request, Sampling
from clawfleet.models.providers.classify import Reason
from clawfleet.models.providers.failures import CallFailed
from clawfleet.models.refs import ModelRef

Answer = Literal["ok", "auth", "rate_limit", "billing", "timeout", "format", "unknown", "no_model"]

QUESTION = "Reply with OK. Do not use tools."
MAX_TOKENS = 8
TIMEOUT_MS = 8_000
AT_ONCE = 2

_ANSWERS: dict[Reason, Answer] = {
    "auth": "auth",
    "auth_permanent": "auth",
    "rate_limit": "rate_limit",
    "overloaded": "rate_limit",
    "billing": "billing",
    "timeout": "timeout",
    "format": "format",
    "model_not_found": "format",
}
_STATES = {
    "missing_credential": "its secret is missing",
    "expired": "it has expired",
    "invalid_expires": "its expiry makes no sense",
    "unresolved_ref": "what it names is not set",
}


@dataclass(frozen=True, slots=True)
class Probed:
    """What one key got. `label` names the key, never shows it."""

    label: str
    source: Literal["profile", "env", "models.json"]
    status: Answer
    model: str | None = None
    profile_id: str | None = None
    mode: Kind = "api_key"
    latency_ms: int | None = None
    error: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How keys are probed; with `profiles`, only these stored ones."""

    limit_ms: int = TIMEOUT_MS
    at_once: int = AT_ONCE
    max_tokens: int = MAX_TOKENS
    profiles: tuple[str, ...] = ()


async def probe(models: Models, provider: str, agent_id: str | None, manner: Manner) -> list[Probed]:
    """What each key of `provider` gets for asking its first model; without a model nothing is sent."""
    rows = await _all(models, provider, agent_id, manner)
    if not manner.profiles:
        return rows
    found = [row for row in rows if row.profile_id in manner.profiles]
    there = {row.profile_id for row in found}
    return [*found, *(_missing(name) for name in manner.profiles if name not in there)]


async def _all(models: Models, provider: str, agent_id: str | None, manner: Manner) -> list[Probed]:
    ref = first_model(models, provider, agent_id)
    await models.ring.refresh()
    rows = reports(models.ring, agent_id, models.auth, models.environ, provider)
    unusable = [_unusable(row) for row in rows if not row.can_answer]
    if ref is None:
        return [Probed(provider, "models.json", "no_model", error="it has no model to ask", reason_code="no_model")]
    try:
        legs = models.legs(ref, Asker(agent_id))
    except GatewayError as error:
        lacking = Probed(provider, "models.json", "auth", str(ref), error=error.message)
        return unusable or [replace(lacking, reason_code="missing_credential")]
    wanted = [leg for leg in legs if not manner.profiles or leg.key.id in manner.profiles]
    places = asyncio.Semaphore(manner.at_once)
    return [*await asyncio.gather(*(_one(models, leg, manner, places) for leg in wanted)), *unusable]


def first_model(models: Models, provider: str, agent_id: str | None = None) -> ModelRef | None:
    """The model that a provider is asked for: the first that the agent uses, else the first that is listed."""
    catalog = models.catalog
    used = (ref for ref in catalog.chain(catalog.default(agent_id), agent_id) if catalog.problem(ref) is None)
    return next((ref for ref in (*used, *(row.ref for row in catalog.rows)) if ref.provider == provider), None)


def worst_of(rows: Sequence[Probed]) -> Probed:
    """The row that stands for a provider: one that works, else the first."""
    return next((row for row in rows if row.status == "ok"), rows[0])


async def _one(models: Models, leg: Leg, manner: Manner, places: asyncio.Semaphore) -> Probed:
    request = Request(leg.ref.model, (Message("user", QUESTION),), (), Sampling(max_tokens=manner.max_tokens))
    async with places:
        started = time.monotonic()
        status, error = await _ask(models, leg, request, manner.limit_ms)
        took_ms = round((time.monotonic() - started) * 1000)
    source = leg.key.source or "no key"
    is_config = source.startswith(WRITTEN_PLACES) or leg.key.secret is None
    return Probed(
        label=leg.key.id if leg.key.profile else source,
        source="profile" if leg.key.profile else "models.json" if is_config else "env",
        status=status,
        model=str(leg.ref),
        profile_id=leg.key.id if leg.key.profile else None,
        mode=leg.key.profile.kind if leg.key.profile else "api_key",
        latency_ms=took_ms,
        error=error,
    )


async def _ask(models: Models, leg: Leg, request: Request, limit_ms: int) -> tuple[Answer, str | None]:
    try:
        async with asyncio.timeout(limit_ms / 1000), aclosing(models.ask_with(request, leg)) as events:
            async for _ in events:
                pass
    except TimeoutError:
        return "timeout", f"no answer within {limit_ms} ms"
    except CallFailed as error:
        return _ANSWERS.get(error.reason, "unknown"), error.message
    except GatewayError as error:
        return "unknown", error.message
    return "ok", None


def _unusable(row: ProfileReport) -> Probed:
    code = "excluded_by_auth_order" if row.is_excluded else row.state
    why = "Excluded by auth.order for this provider."
    if not row.is_excluded:
        why = "Auth profile credentials are missing or expired.\n"
        why += f"↳ Auth reason [{code}]: {row.trouble or _STATES[row.state]}."
    return Probed(
        row.id,
        "profile",
        "unknown" if row.is_excluded else "auth",
        profile_id=row.id,
        mode=row.kind,
        error=why,
        reason_code=code,
    )


def _missing(name: str) -> Probed:
    why = "no such auth profile serves this provider"
    return Probed(name, "profile", "unknown", profile_id=name, error=why, reason_code="ineligible_profile")
