"""With which key a model would be asked now, and why not with another. Asks nobody and shows no secret.

Source: models-and-auth §8.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clawfleet.config.models.auth import Auth
from clawfleet.models.auth.profiles import masked
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.catalog import Catalog, UnknownModel
from clawfleet.models.providers.classify import Reason
from clawfleet.models.refs import ModelRef


@dataclass(frozen=True, slots=True)
class KeyOutlook:
    """One key that may be sent. `resting` says why it is left alone until `resting_until_ms`, None when it is not."""

    source: str
    shown: str
    expires_at_ms: int = 0
    resting: Reason | None = None
    resting_until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """One model: the keys in the order in which they would be sent. `problem`: why it cannot answer at all."""

    ref: str
    problem: str | None
    keys: tuple[KeyOutlook, ...] = ()

    @property
    def next(self) -> KeyOutlook | None:
        """The key that is sent next: the first that does not rest, else the one that is free first."""
        ready = [key for key in self.keys if not key.resting]
        return next(iter(ready or sorted(self.keys, key=lambda key: key.resting_until_ms)), None)

    @property
    def rests(self) -> bool:
        """Whether every key is left alone for now."""
        return bool(self.keys) and all(key.resting for key in self.keys)


@dataclass(frozen=True, slots=True)
class Seer:
    """Tells how models stand for one agent."""

    catalog: Catalog
    ring: KeyRing
    auth: Auth
    environ: Mapping[str, str]
    agent_id: str | None

    def outlook(self, name: str) -> Outlook:
        """How the model that `name` means stands."""
        try:
            ref = self.catalog.resolve(name)
        except UnknownModel as error:
            return Outlook(name, error.message)
        problem = self.catalog.problem(ref)
        return Outlook(str(ref), problem, () if problem else tuple(self._key(key, ref) for key in self.keys(ref)))

    def keys(self, ref: ModelRef) -> list[Key]:
        """What may be sent for a model, in order."""
        stored = self.ring.keys(self.agent_id, ref.provider, self.auth, self.environ, None)
        written = (Key.of_credential(ref.provider, row) for row in self.catalog.keys(ref) if row.key)
        return [*stored, *written]

    def resting_written(self) -> list[KeyOutlook]:
        """The keys of environment and config that are left alone now; stored ones tell so themselves."""
        keys = [Key.of_credential(setup.id, row) for setup in self.catalog.setups for row in setup.keys if row.key]
        shown = (self._key(key, None) for key in keys)
        return [key for key in shown if key.resting]

    def _key(self, key: Key, ref: ModelRef | None) -> KeyOutlook:
        """A key as far as `ref` goes; without one it rests as soon as it rests for any model."""
        now, health = self.ring.now_ms(), self.ring.health(key)
        model = ref.model if ref else health.cooldown_model or ""
        until = health.blocked_until_ms(model, now)
        return KeyOutlook(
            source=key.source or "",
            shown=masked(key.secret) if key.secret else "",
            expires_at_ms=key.profile.expires_at_ms if key.profile else 0,
            resting=health.reason(now) if until else None,
            resting_until_ms=until,
        )
