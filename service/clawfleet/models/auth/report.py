"""How the stored credentials stand: what status commands and clients are told of them. Pure; shows no secret.

Source: models-and-auth §8.1 and §11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clawfleet.config.models.auth import Auth
from clawfleet.models.auth.profiles import EXPIRING_MS, AuthProfile, Kind, State, masked
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.providers.classify import Reason

Standing = Literal["static", "ok", "expiring", "expired", "missing"]


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """One stored credential. `resting` says why it is left alone until `resting_until_ms`, None when it is not.

    `trouble`: why what it names cannot be had.
    """

    id: str
    provider: str
    kind: Kind
    owner: str
    standing: Standing
    state: State
    shown: str
    expires_at_ms: int = 0
    resting: Reason | None = None
    resting_until_ms: int = 0
    is_excluded: bool = False
    trouble: str | None = None

    @property
    def can_answer(self) -> bool:
        """Whether it is sent, when it is its turn."""
        return self.state == "ok" and not self.is_excluded


def reports(
    ring: KeyRing, agent_id: str | None, auth: Auth, environ: Mapping[str, str], provider: str | None = None
) -> list[ProfileReport]:
    """The credentials that serve an agent, in the order of trying; what an order leaves out comes last."""
    found: list[ProfileReport] = []
    for name in dict.fromkeys(row.provider for row in ring.profiles(agent_id, provider)):
        tried = ring.ordered(agent_id, name, auth)
        left_out = [row for row in ring.profiles(agent_id, name) if row not in tried]
        found += [_report(ring, row, environ, is_excluded=False) for row in tried]
        found += [_report(ring, row, environ, is_excluded=True) for row in left_out]
    return found


def worst(rows: Sequence[ProfileReport]) -> Standing:
    """How a provider stands by its stored credentials: by the one that is used first, else by why none is."""
    usable = [row for row in rows if row.can_answer]
    if usable:
        return usable[0].standing
    return "expired" if any(row.state == "expired" for row in rows) else "missing"


def _report(ring: KeyRing, profile: AuthProfile, environ: Mapping[str, str], *, is_excluded: bool) -> ProfileReport:
    now, state = ring.now_ms(), profile.state(environ, ring.now_ms())
    health = ring.health(Key.of_profile(profile, environ))
    resting = health.reason(now)
    until = health.disabled_until_ms if resting == health.disabled_reason else health.cooldown_until_ms
    return ProfileReport(
        id=profile.id,
        provider=profile.provider,
        kind=profile.kind,
        owner=profile.owner,
        standing=_standing(profile, state, now),
        state=state,
        shown=f"ref({profile.ref.source}:{profile.ref.id})" if profile.ref else masked(profile.value(environ) or ""),
        expires_at_ms=max(profile.expires_at_ms, 0),
        resting=resting,
        resting_until_ms=until if resting else 0,
        is_excluded=is_excluded,
        trouble=profile.trouble,
    )


def _standing(profile: AuthProfile, state: State, now_ms: int) -> Standing:
    if state == "expired":
        return "expired"
    if state != "ok":
        return "missing"
    if not profile.expires_at_ms or profile.is_renewable:
        return "ok" if profile.kind == "oauth" else "static" if not profile.expires_at_ms else "ok"
    return "expiring" if profile.needs_renewal(now_ms, early_ms=EXPIRING_MS) else "ok"
