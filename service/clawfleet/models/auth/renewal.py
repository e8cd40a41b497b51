"""Renews oauth credentials: once, however many turns need it, in however many processes. Source: models-and-auth §7.4.

A file lock keeps other processes out; whoever comes second finds the new tokens in the store.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.providers.failures import KeyRejected, ProviderDown, Site
from clawfleet.models.refs import ModelRef
from clawfleet.store.files import private_dir

if TYPE_CHECKING:  # loading it takes a quarter of a second
    import aiohttp

LIMIT_S = 30.0
MAX_BYTES = 64 * 1024


class Renewer:
    """Hands out the secret of a stored credential, renewed when it has run out."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._session: aiohttp.ClientSession | None = None

    async def secret(self, key: Key, ref: ModelRef) -> str | None:
        """What is sent for `key`. Raises `KeyRejected` when its server renews it no more, `ProviderDown`."""
        profile = key.profile
        if profile is None or not (profile.is_renewable and profile.needs_renewal(self._ring.now_ms())):
            return key.secret
        async with self._locks.setdefault(key.place, asyncio.Lock()):
            return (await self._current(profile, ref)).secret

    async def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _current(self, profile: AuthProfile, ref: ModelRef) -> AuthProfile:
        profile = self._in_ring(profile)
        if not profile.needs_renewal(self._ring.now_ms()):
            return profile  # another turn has renewed it while this one waited
        store = self._ring.store
        if store is None:
            return await self._renew(profile, ref)
        lock = _FileLock(store.lock_dir, profile)
        await asyncio.to_thread(lock.take)
        try:
            kept = next((row for row in (await store.load()).profiles if _is_same(row, profile)), profile)
            if kept.needs_renewal(self._ring.now_ms()):
                kept = await self._renew(kept, ref)
                await store.put(kept)
            self._ring.renewed(kept)
            return kept
        finally:
            lock.release()

    def _in_ring(self, profile: AuthProfile) -> AuthProfile:
        rows = self._ring.profiles(profile.owner, profile.provider)
        return next((row for row in rows if _is_same(row, profile)), profile)

    async def _renew(self, profile: AuthProfile, ref: ModelRef) -> AuthProfile:
        site = Site(ref.provider, ref.model, profile.token_url or "", f"auth profile {profile.id}")
        asked = {"grant_type": "refresh_token", "refresh_token": profile.refresh, "client_id": profile.client_id}
        status, answer = await self._post(profile.token_url or "", {k: v for k, v in asked.items() if v}, site)
        access = answer.get("access_token")
        if status != 200 or not isinstance(access, str):
            raise KeyRejected(
                f"The login of auth profile {profile.id} could not be renewed (its server returned HTTP {status}).",
                site,
                hint=f"log in again: openclaw models auth login --provider {profile.provider}",
            )
        lasts_s = answer.get("expires_in")
        expires = self._ring.now_ms() + int(lasts_s * 1000) if isinstance(lasts_s, int | float) else 0
        refresh = answer.get("refresh_token")
        renewed = replace(profile, secret=access, expires_at_ms=expires)
        if isinstance(refresh, str):
            renewed = replace(renewed, refresh=refresh)
        self._ring.renewed(renewed)
        return renewed

    async def _post(self, url: str, form: Mapping[str, str], site: Site) -> tuple[int, Mapping[str, Any]]:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=LIMIT_S), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        try:
            async with self._session.post(url, data=form, allow_redirects=False) as reply:
                body = await reply.content.read(MAX_BYTES)
                return reply.status, _object(body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ProviderDown(
                f"Cannot reach {url} to renew auth profile {site.key_source}: {type(error).__name__}", site
            ) from error


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _is_same(one: AuthProfile, other: AuthProfile) -> bool:
    return (one.owner, one.id) == (other.owner, other.id)


class _FileLock:
    """Held by one process at a time. Blocks while another one holds it."""

    def __init__(self, folder: Path, profile: AuthProfile) -> None:
        name = hashlib.sha256(f"{profile.owner}\n{profile.id}".encode()).hexdigest()[:16]
        self._path = folder / f"oauth-{name}.lock"
        self._handle: int | None = None

    def take(self) -> None:
        private_dir(self._path.parent)
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
