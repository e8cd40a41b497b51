"""In which order the stored credentials of a provider are tried. Pure. Source: models-and-auth §7.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from clawfleet.models.auth.health import Health
from clawfleet.models.auth.profiles import AuthProfile, Kind

_RANK: dict[Kind, int] = {"oauth": 0, "token": 1, "api_key": 2}

HealthOf = Callable[[AuthProfile], Health]


def explicit_order(
    provider: str, kept: Mapping[str, Sequence[str]], configured: Mapping[str, Sequence[str]]
) -> tuple[str, ...] | None:
    """The order that somebody chose, by command or in the config; None when it is left to the gateway."""
    return next((tuple(order[provider]) for order in (kept, configured) if provider in order), None)


def ordered(
    profiles: Sequence[AuthProfile], explicit: Sequence[str] | None, health: HealthOf, now_ms: int
) -> list[AuthProfile]:
    """`profiles` as they are to be tried. An explicit order leaves out all others.

    Without one: oauth, token, api_key; the one that rested longest first. What is left alone now comes last, the one
    that is free first before the others.
    """
    if explicit is not None:
        by_id = {profile.id: profile for profile in profiles}
        return [by_id[name] for name in explicit if name in by_id]

    def place(profile: AuthProfile) -> tuple[int, int, int, str]:
        state = health(profile)
        until = max(state.cooldown_until_ms, state.disabled_until_ms)
        resting = until if until > now_ms and (state.disabled_until_ms > now_ms or not state.cooldown_model) else 0
        return resting, _RANK[profile.kind], state.last_used_ms, profile.id

    return sorted(profiles, key=place)


def preferring(profiles: Sequence[AuthProfile], first: str | None) -> list[AuthProfile]:
    """`profiles` with the one named `first` in front, if it is among them."""
    return sorted(profiles, key=lambda profile: profile.id != first)
