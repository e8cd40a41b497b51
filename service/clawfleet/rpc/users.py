"""`users.*`: who uses this gateway. Everybody with its secret is its owner; only their preferences are kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from clawfleet.core.errors import AccessError
from clawfleet.rpc.call import Call
from clawfleet.rpc.clients import Caller
from clawfleet.rpc.registry import NoParams, Params, Result, method

OWNER = "gateway-owner"
Name = Annotated[str, Field(min_length=1, max_length=256)]


class NoUser(AccessError):
    """A secret says that somebody may come in, not who it is."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} requires an authenticated user")


@method("users.self", scope="operator.read")
async def get_self(call: Call, params: NoParams) -> Result:
    """The caller's own profile. Nobody has one: a shared secret names no person."""
    raise NoUser("users.self")


class ModelAccountsParams(Params):
    """Whose accounts."""

    profile_id: str | None = None


@method("users.listModelAccounts", scope="operator.read")
async def list_model_accounts(call: Call, params: ModelAccountsParams) -> Result:
    """The caller's own accounts at model providers. Nobody has one here: keys are the gateway's."""
    raise NoUser("users.listModelAccounts")


class Profiles(Result):
    """The answer of `users.list`."""

    profiles: list[dict[str, Any]]


@method("users.list", scope="operator.read")
async def list_users(call: Call, params: NoParams) -> Profiles:
    """The people with a profile: none."""
    return Profiles(profiles=[])


class PreferencesParams(Params):
    """Which preferences; all without names."""

    keys: Annotated[list[Name], Field(max_length=32)] | None = None


class KeptPreferences(Result):
    """The answer of `users.prefs.get`. A caller without a device has no place to keep anything for."""

    status: Literal["ok", "no_durable_identity"]
    entries: dict[str, Any] | None = None


@method("users.prefs.get", scope="operator.read")
async def get_preferences(call: Call, params: PreferencesParams) -> KeptPreferences:
    """What the owner set in a client."""
    if call.caller.device_id is None:
        return KeptPreferences(status="no_durable_identity")
    return KeptPreferences(status="ok", entries=await call.gateway.preferences.read(OWNER, params.keys))


class SetPreferencesParams(Params):
    """Values to set, null removes; `expected_entries` are those that must still hold."""

    entries: Annotated[dict[Name, Any], Field(min_length=1, max_length=32)]
    expected_entries: Annotated[dict[Name, Any], Field(max_length=32)] | None = None


class PreferencesSet(Result):
    """The answer of `users.prefs.set`. `conflict`: somebody else was first, nothing was set."""

    status: Literal["ok", "conflict", "no_durable_identity"]


@method("users.prefs.set", scope="operator.write")
async def set_preferences(call: Call, params: SetPreferencesParams) -> PreferencesSet:
    """Keep what the owner set in a client, and tell the owner's other clients. Raises `TooManyPreferences`."""
    if call.caller.device_id is None:
        return PreferencesSet(status="no_durable_identity")
    if not await call.gateway.preferences.write(OWNER, params.entries, params.expected_entries):
        return PreferencesSet(status="conflict")
    payload = {"profileId": OWNER, "keys": list(params.entries)}
    call.gateway.clients.tell("users.prefs.changed", payload, to=_has_preferences)
    return PreferencesSet(status="ok")


def _has_preferences(caller: Caller) -> bool:
    return caller.device_id is not None
