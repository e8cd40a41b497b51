"""Auth profiles: one stored credential each, as it is written down and whether it can be used. Pure.

Source: models-and-auth §7.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from clawfleet.config.provider_ids import provider_id
from clawfleet.core.errors import RequestError
from clawfleet.secrets.refs import BadRef, SecretRef, read_ref

Kind = Literal["api_key", "token", "oauth"]
State = Literal["ok", "missing_credential", "expired", "invalid_expires", "unresolved_ref"]

MAX_TIME_MS = 8_640_000_000_000_000
EXPIRING_MS = 86_400_000
"""A credential with less than a day left is told of."""

RENEW_EARLY_MS = 60_000
_SECRET: dict[Kind, str] = {"api_key": "key", "token": "token", "oauth": "access"}


class BadProfile(RequestError):
    """What is to be kept is no auth profile."""

    code = "BAD_AUTH_PROFILE"


@dataclass(frozen=True, slots=True)
class AuthProfile:
    """One credential. `secret` is the key, the token or the access token, `ref` names the place that holds it instead.

    What `ref` names in a file or program is put into `secret` when it is fetched, and is never kept; `trouble` says why
    it could not be had.
    `owner` is the agent in whose store it is. `expires_at_ms` 0: never. `token_url` and `client_id` are where and as
    whom an oauth profile is renewed. `extra` keeps what other programs wrote.
    """

    id: str
    provider: str
    kind: Kind
    secret: str | None = field(default=None, repr=False)
    ref: SecretRef | None = None
    refresh: str | None = field(default=None, repr=False)
    expires_at_ms: int = 0
    token_url: str | None = None
    client_id: str | None = None
    owner: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    trouble: str | None = None

    @property
    def is_renewable(self) -> bool:
        """Whether it can be renewed when it has expired."""
        return self.kind == "oauth" and bool(self.refresh and self.token_url)

    def value(self, environ: Mapping[str, str]) -> str | None:
        """What is sent; None when there is nothing, or what it names cannot be had."""
        is_variable = self.ref is not None and self.ref.source == "env"
        value = environ.get(self.ref.id, "") if self.ref and is_variable else self.secret or ""
        return value.strip() or None

    def state(self, environ: Mapping[str, str], now_ms: int) -> State:
        """Whether it can be used now. One that can be renewed never counts as expired."""
        if self.ref and not self.value(environ):
            return "unresolved_ref"
        if not self.value(environ) and not self.is_renewable:
            return "missing_credential"
        if not 0 <= self.expires_at_ms <= MAX_TIME_MS:
            return "invalid_expires"
        return "expired" if self.needs_renewal(now_ms, early_ms=0) and not self.is_renewable else "ok"

    def needs_renewal(self, now_ms: int, early_ms: int = RENEW_EARLY_MS) -> bool:
        """Whether it has run out, or is about to."""
        return bool(self.expires_at_ms) and self.expires_at_ms - early_ms <= now_ms


def read_profile(name: str, row: object, owner: str = "") -> AuthProfile:
    """The profile that `row` describes, in today's words or in those of old stores. Raises `BadProfile`."""
    if not isinstance(row, Mapping):
        raise BadProfile(f"auth profile {name} is no object")
    kind = _kind(row)
    provider = row.get("provider") or name.partition(":")[0]
    if not isinstance(provider, str) or not provider.strip():
        raise BadProfile(f"auth profile {name} names no provider")
    secret_name = _SECRET[kind]
    ref = row.get(f"{secret_name}Ref")
    if kind == "oauth" and ref is not None:
        raise BadProfile(f"auth profile {name}: an oauth profile holds its tokens itself", hint="remove accessRef")
    known = {"type", "mode", "provider", "refresh", "expires", "tokenUrl", "clientId", "apiKey", "key", "token"}
    known |= {"access", "keyRef", "tokenRef"}
    return AuthProfile(
        id=name,
        provider=provider_id(provider),
        kind=kind,
        secret=_text(row.get(secret_name)) or (_text(row.get("apiKey")) if kind == "api_key" else None),
        ref=_reference(name, ref),
        refresh=_text(row.get("refresh")),
        expires_at_ms=_expiry(row.get("expires")),
        token_url=_text(row.get("tokenUrl")),
        client_id=_text(row.get("clientId")),
        owner=owner,
        extra={key: value for key, value in row.items() if key not in known},
    )


def written(profile: AuthProfile) -> dict[str, Any]:
    """A profile as it is kept."""
    name = _SECRET[profile.kind]
    ref = profile.ref
    row = {
        "type": profile.kind,
        "provider": profile.provider,
        name: None if ref else profile.secret,
        f"{name}Ref": {"source": ref.source, "provider": ref.provider, "id": ref.id} if ref else None,
        "refresh": profile.refresh,
        "expires": profile.expires_at_ms or None,
        "tokenUrl": profile.token_url,
        "clientId": profile.client_id,
    }
    return {**profile.extra, **{key: value for key, value in row.items() if value is not None}}


def masked(secret: str) -> str:
    """A secret as it may be shown: its ends, the more of them the longer it is."""
    if len(secret) <= 6:
        return f"{secret[:1]}...{secret[-1:]}"
    shown = 2 if len(secret) <= 16 else 8
    return f"{secret[:shown]}...{secret[-shown:]}"


def clean_secret(text: str) -> str:
    """A secret as somebody pasted it, without the space around it. Raises `BadProfile`."""
    secret = text.strip()
    if not secret:
        raise BadProfile("nothing was given as the secret", hint="paste it, or pipe it into the command")
    if not secret.isprintable() or " " in secret:
        raise BadProfile("the secret holds a space or a control character", hint="copy it again")
    return secret


def _kind(row: Mapping[str, Any]) -> Kind:
    said = row.get("type") or row.get("mode")
    if said in _SECRET:
        return said  # type: ignore[no-any-return]
    if said is not None:
        raise BadProfile(f"unknown type of auth profile: {said}", hint="api_key, token or oauth")
    if "access" in row or "refresh" in row:
        return "oauth"
    return "token" if "token" in row or "tokenRef" in row else "api_key"


def _reference(name: str, ref: object) -> SecretRef | None:
    try:
        found = None if ref is None else read_ref(ref, {})
    except BadRef as error:
        raise BadProfile(f"auth profile {name}: {error}") from None
    if ref is not None and found is None:
        raise BadProfile(f"auth profile {name}: its reference is none", hint='{"source":"env","id":"NAME"}')
    return found


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _expiry(value: object) -> int:
    if value is None:
        return 0
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value else -1
