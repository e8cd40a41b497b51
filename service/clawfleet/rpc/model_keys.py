"""What clients do with stored credentials: keep a key, choose the order, log out. Secrets come in and never go out.

Source: models-and-auth §7.4 and §7.5.
"""

from __future__ import annotations

from pydantic import Field, SecretStr

from clawfleet.agents.run import Run
from clawfleet.config.provider_ids import provider_id
from clawfleet.models.auth.profiles import AuthProfile, clean_secret
from clawfleet.models.auth.ring import SHARED
from clawfleet.models.auth.store import AuthStore, NoSuchProfile
from clawfleet.models.client import Models
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method

AUTH_REVOKED = "auth-revoked"


class LogoutParams(Params):
    """Whose credentials go: all of a provider, or those that are named."""

    provider: str = Field(min_length=1)
    profile_ids: list[str] | None = Field(None, min_length=1)
    agent_id: str | None = None


class LoggedOut(Result):
    """The answer of `models.authLogout`."""

    provider: str
    removed_profiles: tuple[str, ...]
    aborted_run_ids: tuple[str, ...]


class OrderParams(Params):
    """The order of a provider's credentials; without `profile_ids` it is left to the gateway."""

    provider: str = Field(min_length=1)
    profile_ids: list[str] | None = None
    agent_id: str | None = None


class Ordered(Result):
    """The answer of `models.authOrderSet`."""

    provider: str
    profile_ids: tuple[str, ...] | None


class SetKeyParams(Params):
    """A key to keep. Without a name it is `<provider>:default`."""

    provider: str = Field(min_length=1)
    api_key: SecretStr
    profile_id: str | None = None
    agent_id: str | None = None


class KeySet(Result):
    """The answer of `models.authSetApiKey`."""

    provider: str
    profile_id: str


@method("models.authLogout", scope="operator.admin", limited=True)
async def log_out(call: Call, params: LogoutParams) -> LoggedOut:
    """Forget credentials and stop what runs with them."""
    models, store = _store(call)
    provider, agent = provider_id(params.provider), call.gateway.roster.get(params.agent_id)
    await models.ring.refresh()
    rows = models.ring.profiles(agent.id, provider)
    there = [row.id for row in rows]
    for name in params.profile_ids or ():
        if name not in there:
            raise NoSuchProfile(name, agent.id)
    going = [row for row in rows if params.profile_ids is None or row.id in params.profile_ids]
    for row in going:
        await store.remove(row.owner, [row.id])
    await models.ring.refresh()
    stopped = [run for run in call.gateway.runs.live() if going and _uses(run, provider) and run.abort(AUTH_REVOKED)]
    for run in stopped:
        await run.outcome()
    return LoggedOut(
        provider=provider,
        removed_profiles=tuple(row.id for row in going),
        aborted_run_ids=tuple(run.run_id for run in stopped),
    )


@method("models.authOrderSet", scope="operator.admin", limited=True)
async def set_order(call: Call, params: OrderParams) -> Ordered:
    """Choose which credentials of a provider are tried, and in which order."""
    models, store = _store(call)
    provider, agent = provider_id(params.provider), call.gateway.roster.get(params.agent_id)
    await models.ring.refresh()
    there = {row.id for row in models.ring.profiles(agent.id, provider)}
    for name in params.profile_ids or ():
        if name not in there:
            raise NoSuchProfile(name, agent.id)
    await store.set_order(agent.id, provider, params.profile_ids)
    return Ordered(provider=provider, profile_ids=None if params.profile_ids is None else tuple(params.profile_ids))


@method("models.authSetApiKey", scope="operator.admin", limited=True)
async def set_key(call: Call, params: SetKeyParams) -> KeySet:
    """Keep an API key; turns use it from now on."""
    _, store = _store(call)
    provider, agent = provider_id(params.provider), call.gateway.roster.get(params.agent_id)
    name = params.profile_id or f"{provider}:default"
    secret = clean_secret(params.api_key.get_secret_value())
    await store.put(AuthProfile(name, provider, "api_key", secret, owner=agent.id if params.agent_id else SHARED))
    return KeySet(provider=provider, profile_id=name)


def _store(call: Call) -> tuple[Models, AuthStore]:
    models = call.gateway.models
    assert models.ring.store is not None  # a gateway has one
    return models, models.ring.store


def _uses(run: Run, provider: str) -> bool:
    return run.model is not None and run.model.provider == provider
