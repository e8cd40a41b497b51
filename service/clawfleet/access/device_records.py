"""What is known of devices: what one asks for, the request that waits, the approved device and its tokens. Pure.

Source: protocol §8.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from clawfleet.protocol.scopes import ADMIN, READ, WRITE

ApprovedVia = Literal["silent", "owner", "trusted-cidr", "trusted-proxy"]
REQUEST_LIFE_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Traits:
    """How a device shows itself. Only platform and family are compared later; the rest is for people to read."""

    public_key: str
    platform: str
    device_family: str | None
    client_id: str
    client_mode: str
    display_name: str | None = None
    remote_ip: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A device at the door and what it wants to be."""

    device_id: str
    role: str
    scopes: tuple[str, ...]
    traits: Traits


@dataclass(frozen=True, slots=True)
class PairRequest:
    """A device that waits for approval. `is_repair`: it is known already and asks for more, or has changed."""

    request_id: str
    device_id: str
    role: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    traits: Traits
    is_repair: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A device's token for one role, without its value."""

    role: str
    scopes: tuple[str, ...]
    created_at_ms: int
    rotated_at_ms: int | None
    revoked_at_ms: int | None
    last_used_at_ms: int | None


@dataclass(frozen=True, slots=True)
class PairedDevice:
    """An approved device. `label` is the name its owner gave it; it stays when the device is approved anew."""

    device_id: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    traits: Traits
    label: str | None
    approved_via: ApprovedVia
    created_at_ms: int
    approved_at_ms: int
    last_seen_at_ms: int | None
    tokens: tuple[TokenInfo, ...] = ()

    def token(self, role: str) -> TokenInfo | None:
        """The token for `role`, None when there never was one."""
        return next((token for token in self.tokens if token.role == role), None)


def covers(held: Collection[str], asked: Iterable[str]) -> bool:
    """Whether who holds `held` may have all of `asked`: admin covers every operator scope, write covers read."""
    return all(scope in held or _is_implied(held, scope) for scope in asked)


def _is_implied(held: Collection[str], scope: str) -> bool:
    if ADMIN in held and scope.startswith("operator."):
        return True
    return scope == READ and WRITE in held


def normalised(scopes: Iterable[str]) -> tuple[str, ...]:
    """Scopes as a token carries them: with those that are implied by others, sorted."""
    found = set(scopes)
    if ADMIN in found:
        found |= {READ, WRITE}
    if WRITE in found:
        found.add(READ)
    return tuple(sorted(found))


def merged(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Both lists in order, each word once."""
    return tuple(dict.fromkeys((*first, *second)))
