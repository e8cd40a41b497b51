"""`models.authStatus`: which providers have a key, and from where. The keys themselves are not told."""

from __future__ import annotations

from typing import Any, Literal

from clawfleet.core.clock import now_ms
from clawfleet.models.presets import PRESETS
from clawfleet.models.setups import ProviderSetup
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class AuthStatusParams(Params):
    """For which agent; all use the same keys."""

    agent_id: str | None = None
    refresh: bool = False


class ApiKey(Result):
    """Where a key comes from."""

    source: Literal["config", "env"]


class ProviderAuth(Result):
    """One provider. `static`: a key, or none is needed; `missing`: a key is needed and there is none."""

    provider: str
    auth_provider: str
    display_name: str
    status: Literal["static", "missing"]
    profiles: tuple[dict[str, Any], ...] = ()
    api_key: ApiKey | None = None

    @classmethod
    def of(cls, setup: ProviderSetup) -> ProviderAuth:
        """The row of `setup`."""
        source = setup.credential.source if setup.credential.key else None
        from_config = source is not None and source.startswith("models.providers.")
        return cls(
            provider=setup.id,
            auth_provider=setup.id,
            display_name=setup.id,
            status="missing" if setup.lacks_key or setup.unset else "static",
            api_key=None if source is None else ApiKey(source="config" if from_config else "env"),
        )


class Capability(Result):
    """How a known provider can be given a key: in the config or the environment, not by a click."""

    provider: str
    api_key_supported: bool = True
    quick_api_key_setup: bool = False


class AuthStatus(Result):
    """The answer of `models.authStatus`."""

    ts: int
    providers: list[ProviderAuth]
    provider_capabilities: list[Capability]


@method("models.authStatus", scope="operator.read")
async def auth_status(call: Call, params: AuthStatusParams) -> AuthStatus:
    """The providers that the operator wrote or set a key for, and those that are known by name."""
    call.gateway.roster.get(params.agent_id)
    return AuthStatus(
        ts=now_ms(),
        providers=[ProviderAuth.of(setup) for setup in call.gateway.models.catalog.setups],
        provider_capabilities=[Capability(provider=name) for name in sorted(PRESETS)],
    )
