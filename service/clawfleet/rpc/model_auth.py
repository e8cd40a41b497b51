"""`models.authStatus`: which providers have a key, from where, and how it stands. The keys themselves are not told."""

from __future__ import annotations

from typing import Literal

from clawfleet.core.clock import now_ms
from clawfleet.models.auth.report import ProfileReport, Standing, reports, worst
from clawfleet.models.credentials import WRITTEN_PLACES
from clawfleet.models.presets import PRESETS
from clawfleet.models.setups import ProviderSetup
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method

MINUTE_MS = 60_000


class AuthStatusParams(Params):
    """For which agent; `refresh` changes nothing, what is told is always of this moment."""

    agent_id: str | None = None
    refresh: bool = False


class ApiKey(Result):
    """Where a key comes from; `env_var` is the variable that holds it."""

    source: Literal["config", "env"]
    env_var: str | None = None


class Expiry(Result):
    """When a credential runs out, and how that is said."""

    at: int
    remaining_ms: int
    label: str

    @classmethod
    def of(cls, at_ms: int, now: int) -> Expiry | None:
        """The expiry of a credential; None for one without."""
        if not at_ms:
            return None
        return cls(at=at_ms, remaining_ms=at_ms - now, label=span_label(at_ms - now))


class ProfileRow(Result):
    """One stored credential. `resting_until` and `resting_reason`: it is left alone for now."""

    profile_id: str
    type: Literal["api_key", "token", "oauth"]
    status: Standing
    logout_supported: bool = True
    expiry: Expiry | None = None
    resting_reason: str | None = None
    resting_until: int | None = None

    @classmethod
    def of(cls, row: ProfileReport, now: int) -> ProfileRow:
        """The row of a credential."""
        return cls(
            profile_id=row.id,
            type=row.kind,
            status=row.standing,
            expiry=Expiry.of(row.expires_at_ms, now),
            resting_reason=row.resting,
            resting_until=row.resting_until_ms or None,
        )


class ProviderAuth(Result):
    """One provider. `static`: a key, or none is needed; `missing`: a key is needed and there is none."""

    provider: str
    auth_provider: str
    display_name: str
    status: Standing
    profiles: tuple[ProfileRow, ...] = ()
    api_key: ApiKey | None = None
    expiry: Expiry | None = None

    @classmethod
    def of(cls, setup: ProviderSetup, stored: list[ProfileReport], now: int) -> ProviderAuth:
        """The row of `setup`, which has the `stored` credentials."""
        plain = next((key for key in setup.keys if key.key), None)
        serving = next((row for row in stored if row.can_answer), None)
        if serving is not None:
            status: Standing = serving.standing
        elif plain is not None or not (setup.lacks_key or setup.unset):
            status = "static"
        else:
            status = worst(stored) if stored else "missing"
        return cls(
            provider=setup.id,
            auth_provider=setup.id,
            display_name=setup.id,
            status=status,
            profiles=tuple(ProfileRow.of(row, now) for row in stored),
            api_key=None if plain is None or plain.source is None else _api_key(plain.source),
            expiry=Expiry.of(serving.expires_at_ms, now) if serving else None,
        )


class Capability(Result):
    """How a known provider can be given a key."""

    provider: str
    api_key_supported: bool = True
    quick_api_key_setup: bool = True


class AuthStatus(Result):
    """The answer of `models.authStatus`."""

    ts: int
    providers: list[ProviderAuth]
    provider_capabilities: list[Capability]


@method("models.authStatus", scope="operator.read")
async def auth_status(call: Call, params: AuthStatusParams) -> AuthStatus:
    """The providers that the operator wrote or set a key for, and those that are known by name."""
    agent, models, now = call.gateway.roster.get(params.agent_id), call.gateway.models, now_ms()
    await models.ring.refresh()
    stored = reports(models.ring, agent.id, models.auth, models.environ)
    return AuthStatus(
        ts=now,
        providers=[
            ProviderAuth.of(setup, [row for row in stored if row.provider == setup.id], now)
            for setup in models.catalog.setups
        ],
        provider_capabilities=[Capability(provider=name) for name in sorted(PRESETS)],
    )


def span_label(span_ms: int) -> str:
    """A time as people say it: `2h`, `3d`, `expired`."""
    if span_ms <= 0:
        return "expired"
    minutes = span_ms // MINUTE_MS
    if minutes < 60:
        return f"{max(minutes, 1)}m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // (24 * 60)}d"


def _api_key(source: str) -> ApiKey:
    if source.startswith(WRITTEN_PLACES):
        return ApiKey(source="config")
    return ApiKey(source="env", env_var=source.partition(" ")[0])
