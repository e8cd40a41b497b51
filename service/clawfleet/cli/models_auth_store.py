"""How `openclaw models auth` reaches the stored credentials: in their file, whether a gateway runs or not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from clawfleet.cli.context import CliContext

if TYPE_CHECKING:
    from pathlib import Path

    from clawfleet.models.auth.ring import KeyRing
    from clawfleet.models.auth.store import AuthStore

T = TypeVar("T")


def store_file(cli: CliContext) -> Path:
    """The file that has them."""
    return cli.instance.store_dir / "gateway.sqlite"


def in_store(cli: CliContext, work: Callable[[AuthStore], Awaitable[T]]) -> T:
    """What `work` makes of the store. A running gateway sees the change with its next turn. Raises HostError."""
    from clawfleet.models.auth.store import AuthStore
    from clawfleet.store.files import private_dir
    from clawfleet.store.schema import MIGRATIONS
    from clawfleet.store.sqlite import Database

    private_dir(cli.instance.store_dir)

    async def run() -> T:
        db = await Database.open(store_file(cli), MIGRATIONS)
        try:
            return await work(AuthStore(db))
        finally:
            await db.close()

    return asyncio.run(run())


def stored_ring(cli: CliContext) -> KeyRing:
    """The stored credentials of this instance as they are now; empty where no gateway and no command kept any."""
    from clawfleet.models.auth.ring import KeyRing

    ring = KeyRing()
    if store_file(cli).exists():
        from clawfleet.models.auth.references import fetched

        secrets, environ = cli.snapshot.config.secrets, cli.snapshot.environ
        stored = in_store(cli, lambda store: store.load())
        ring.adopt(fetched(secrets, environ, stored))
    return ring


def asked_secret(what: str) -> str:
    """A secret that somebody types unseen, or pipes in. Raises BadProfile when it is none."""
    from clawfleet.models.auth.profiles import clean_secret

    typed = click.prompt(what, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    return clean_secret(str(typed))
