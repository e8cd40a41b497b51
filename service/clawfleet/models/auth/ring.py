"""The keys of a running gateway: which may be sent for a model, in which order, and what became of each.

Holds in memory what `AuthStore` has on disk; without a store it forgets everything at its end.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clawfleet.config.models.auth import Auth
from clawfleet.core.clock import now_ms
from clawfleet.models.auth import health as verdicts
from clawfleet.models.auth.health import Health
from clawfleet.models.auth.order import explicit_order, ordered, preferring
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import AuthStore, HealthKey, Stored
from clawfleet.models.credentials import Credential
from clawfleet.models.providers.failures import CallFailed

Fetch = Callable[[Stored], Stored]
"""Puts secrets in the place of what credentials name in files and programs."""

SHARED = "main"
"""The agent whose profiles serve all agents that have none of their own for a provider."""

MOST_SESSIONS = 4096
USED_EVERY_MS = 60_000
"""How exactly it is kept when a profile was last used."""

BLAMED_ON_KEYS = frozenset(("auth", "auth_permanent", "billing", "rate_limit"))
"""Failures that count against a key that is no profile."""


@dataclass(frozen=True, slots=True)
class Key:
    """One way to be let in. `source` names its place, `secret` None: nothing is sent, or it is a profile's to renew."""

    id: str
    owner: str
    source: str | None
    secret: str | None = field(default=None, repr=False)
    profile: AuthProfile | None = None

    @classmethod
    def of_profile(cls, profile: AuthProfile, environ: Mapping[str, str]) -> Key:
        """The key that is a stored credential."""
        return cls(profile.id, profile.owner, f"auth profile {profile.id}", profile.value(environ), profile)

    @classmethod
    def of_credential(cls, provider: str, credential: Credential) -> Key:
        """The key that the environment or the config holds; another text is another key."""
        digest = hashlib.sha256((credential.key or "").encode()).hexdigest()[:12]
        return cls(f"inline-api-key:{provider}:{digest}", "", credential.source, credential.key)

    @property
    def place(self) -> HealthKey:
        """Under which name it is kept what became of it."""
        return self.owner, self.id


class KeyRing:
    """All stored credentials, and what became of every credential. `revision` grows with every change of them."""

    def __init__(self, store: AuthStore | None = None, clock: Callable[[], int] = now_ms) -> None:
        self.store = store
        self.now_ms = clock
        self.revision = 0
        self._stored = Stored()
        self._health: dict[HealthKey, Health] = {}
        self._stamp = -1
        self._fetch: Fetch | None = None
        self._chosen: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def refresh(self) -> None:
        """Take up what commands wrote meanwhile; costs nothing when there is nothing new."""
        if self.store is None or (stamp := self.store.stamp()) == self._stamp:
            return
        stored = await self.store.load()
        self.adopt(await asyncio.to_thread(self._fetch, stored) if self._fetch else stored)
        self._stamp = stamp

    def fetch_with(self, fetch: Fetch) -> None:
        """From the next `refresh` on, what credentials only name is had from `fetch`, which may block."""
        self._fetch, self._stamp = fetch, -1

    def adopt(self, stored: Stored) -> None:
        """From now on these are the credentials."""
        unkept = {place: health for place, health in self._health.items() if not place[0]}
        self._stored = stored
        self._health = {**unkept, **stored.health}
        self.revision += 1

    def all(self) -> tuple[AuthProfile, ...]:
        """Every stored credential, of every agent."""
        return self._stored.profiles

    def profiles(self, agent_id: str | None, provider: str | None = None) -> tuple[AuthProfile, ...]:
        """The profiles that serve an agent: of each provider its own, else the shared ones."""
        rows = [row for row in self._stored.profiles if provider in (None, row.provider)]
        own = [row for row in rows if row.owner == agent_id]
        with_own = {row.provider for row in own}
        return (*own, *(row for row in rows if row.owner == SHARED != agent_id and row.provider not in with_own))

    def order(self, agent_id: str | None, provider: str, config: Auth) -> tuple[str, ...] | None:
        """The order that was chosen for an agent; None when it is left to the gateway."""
        kept = {
            name: ids for owner in (SHARED, agent_id) for (by, name), ids in self._stored.orders.items() if by == owner
        }
        return explicit_order(provider, kept, config.order)

    def ordered(self, agent_id: str | None, provider: str, config: Auth) -> list[AuthProfile]:
        """The profiles of a provider as they are to be tried, those included that cannot be used."""
        order = self.order(agent_id, provider, config)
        return ordered(self.profiles(agent_id, provider), order, self._health_of, self.now_ms())

    def keys(
        self, agent_id: str | None, provider: str, config: Auth, environ: Mapping[str, str], first: str | None
    ) -> list[Key]:
        """The profiles of a provider that can be used, as they are to be tried; the one named `first` before all."""
        now, rows = self.now_ms(), self.ordered(agent_id, provider, config)
        if first and all(row.id != first for row in rows):
            rows += [row for row in self.profiles(agent_id, provider) if row.id == first]
        usable = [row for row in rows if row.state(environ, now) == "ok"]
        return [Key.of_profile(row, environ) for row in preferring(usable, first)]

    def chosen(self, session_id: str | None, provider: str) -> str | None:
        """The profile that a session stays with."""
        return self._chosen.get((session_id, provider)) if session_id else None

    def health(self, key: Key) -> Health:
        """What became of a key."""
        return self._health.get(key.place, _UNHARMED)

    def blocked_until_ms(self, key: Key, model: str) -> int:
        """Until when a key is left alone for a model; 0 when it may be used."""
        return self.health(key).blocked_until_ms(model, self.now_ms())

    async def failed(self, key: Key, error: CallFailed) -> None:
        """Hold a failure against a key, unless any other would have met it too."""
        reason = error.reason
        if key.profile is None and (reason not in BLAMED_ON_KEYS or key.secret is None):
            return
        if reason in verdicts.NEVER_BLAMED:
            return
        only_model = error.status == 403 and reason == "auth"  # one model may be closed to a good key
        after = verdicts.failed(self.health(key), reason, error.site.model, self.now_ms(), only_model=only_model)
        await self._keep(key, after, on_disk=key.profile is not None or reason != "rate_limit")

    async def succeeded(self, key: Key, provider: str, session_id: str | None) -> None:
        """Forget what was held against a key; a session stays with the profile that served it."""
        before, now = self.health(key), self.now_ms()
        after = verdicts.succeeded(now)
        changed = bool(before.failures or before.cooldown_until_ms or before.disabled_until_ms)
        if key.profile is None and not changed:
            return
        if key.profile is not None and session_id:
            self._chosen[session_id, provider] = key.id
            self._chosen.move_to_end((session_id, provider))
            while len(self._chosen) > MOST_SESSIONS:
                self._chosen.popitem(last=False)
        await self._keep(key, after, on_disk=changed or now - before.last_used_ms >= USED_EVERY_MS)

    def renewed(self, profile: AuthProfile) -> None:
        """Use the new tokens of a profile from now on."""
        rows = tuple(
            profile if (row.owner, row.id) == (profile.owner, profile.id) else row for row in self._stored.profiles
        )
        self._stored = replace(self._stored, profiles=rows)

    def best(self, environ: Mapping[str, str], config: Auth) -> dict[str, Credential]:
        """The credential of each provider that has a usable profile, of the shared ones first."""
        owners: Sequence[str] = sorted({row.owner for row in self._stored.profiles}, key=lambda name: name != SHARED)
        found: dict[str, Credential] = {}
        for owner in owners:
            for provider in {row.provider for row in self._stored.profiles if row.owner == owner}:
                if keys := self.keys(owner, provider, config, environ, None):
                    found.setdefault(provider, Credential(keys[0].secret or "-", keys[0].source))
        return found

    def _health_of(self, profile: AuthProfile) -> Health:
        return self._health.get((profile.owner, profile.id), _UNHARMED)

    async def _keep(self, key: Key, health: Health, *, on_disk: bool) -> None:
        self._health[key.place] = health
        if on_disk and self.store is not None:
            await self.store.keep_health(key.place, health)


_UNHARMED = Health()
