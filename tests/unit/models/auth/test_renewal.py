"""A login that has run out is renewed once, however many turns need it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.renewal import Renewer
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.auth.store import AuthStore
from clawfleet.models.providers.failures import KeyRejected, ProviderDown
from clawfleet.models.refs import ModelRef
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database

NOW = 1_800_000_000_000
REF = ModelRef("p", "m")


class OAuthServer:
    """Renews each refresh token once, as strict servers do."""

    def __init__(self) -> None:
        self.good = "refresh-0"
        self.asked: list[dict[str, str]] = []

    async def token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.asked.append(form)
        await asyncio.sleep(0.01)
        if form.get("refresh_token") != self.good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.good = f"refresh-{len(self.asked)}"
        row: dict[str, Any] = {"access_token": f"access-{len(self.asked)}", "refresh_token": self.good}
        return web.json_response({**row, "expires_in": 3600})


@asynccontextmanager
async def served() -> AsyncIterator[tuple[OAuthServer, str]]:
    server, app = OAuthServer(), web.Application()
    app.router.add_post("/token", server.token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield server, f"http://127.0.0.1:{port}/token"
    finally:
        await runner.cleanup()


def login(url: str) -> AuthProfile:
    return AuthProfile(
        "p:me", "p", "oauth", "access-0", refresh="refresh-0", expires_at_ms=NOW - 1, token_url=url, client_id="us",
        owner="main",
    )  # fmt: skip


async def ring_over(db: Database) -> KeyRing:
    made = KeyRing(AuthStore(db), clock=lambda: NOW)
    await made.refresh()
    return made


def key_of(made: KeyRing) -> Key:
    return Key.of_profile(made.profiles("main")[0], {})


async def test_twenty_turns_in_two_processes_renew_it_once(tmp_path: Path) -> None:
    async with served() as (server, url):
        first = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
        await AuthStore(first).put(login(url))
        second = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)  # as another process has it
        rings = [await ring_over(first), await ring_over(second)]
        renewers = [Renewer(made) for made in rings]
        secrets = await asyncio.gather(
            *(
                renewer.secret(key_of(made), REF)
                for _ in range(10)
                for renewer, made in zip(renewers, rings, strict=True)
            )
        )
        assert set(secrets) == {"access-1"} and len(server.asked) == 1
        assert server.asked[0]["grant_type"] == "refresh_token" and server.asked[0]["client_id"] == "us"
        kept = (await AuthStore(first).load()).profiles[0]
        assert (kept.secret, kept.refresh, kept.expires_at_ms) == ("access-1", "refresh-1", NOW + 3_600_000)
        for renewer in renewers:
            await renewer.close()
        await first.close()
        await second.close()


async def test_one_that_is_still_good_is_sent_as_it_is(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    await AuthStore(db).put(replace(login("http://127.0.0.1:9/"), expires_at_ms=NOW + 3_600_000))
    made = await ring_over(db)
    assert await Renewer(made).secret(key_of(made), REF) == "access-0"
    await db.close()


async def test_a_login_that_is_over_says_how_to_log_in_again(tmp_path: Path) -> None:
    async with served() as (server, url):
        server.good = "somebody else's"
        db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
        await AuthStore(db).put(login(url))
        made = await ring_over(db)
        renewer = Renewer(made)
        with pytest.raises(KeyRejected, match="could not be renewed") as caught:
            await renewer.secret(key_of(made), REF)
        assert "refresh-0" not in f"{caught.value} {caught.value.hint} {caught.value.details}"
        await renewer.close()
        await db.close()


async def test_a_server_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    await AuthStore(db).put(login("http://127.0.0.1:9/token"))
    made = await ring_over(db)
    renewer = Renewer(made)
    with pytest.raises(ProviderDown, match="renew auth profile"):
        await renewer.secret(key_of(made), REF)
    await renewer.close()
    await db.close()
