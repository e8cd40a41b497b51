"""The database: one that a newer release wrote stops this one; one that is damaged says so only when it is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.store.peek import peek
from clawfleet.store.schema import MIGRATIONS

DATABASE = "gateway.sqlite"


def version(scene: Scene) -> Iterator[Finding]:
    """A database that is no database, or is of a newer release."""
    path = scene.instance.store_dir / DATABASE
    found = _ask(scene, "PRAGMA user_version")
    if isinstance(found, Finding):
        yield found
    elif found is not None and int(str(found)) > len(MIGRATIONS):
        yield Finding(
            "store.newer",
            "error",
            f"A newer release wrote it (schema {found}, this one knows {len(MIGRATIONS)}); the gateway does not start.",
            scene.shown(path),
            fix="install that release again, or restore a backup: openclaw backup restore <archive>",
        )


def integrity(scene: Scene) -> Iterator[Finding]:
    """Damage inside the database; takes as long as the file is large."""
    found = _ask(scene, "PRAGMA quick_check(1)")
    if isinstance(found, Finding):
        yield found
    elif found not in (None, "ok"):
        yield _damaged(scene, str(found))


def _ask(scene: Scene, pragma: str) -> object:
    """The first value that a pragma gives, None without a database, a finding when it cannot be asked."""
    path = scene.instance.store_dir / DATABASE
    if not path.exists():
        return None
    try:
        with peek(path) as connection:
            return connection.execute(pragma).fetchone()[0]
    except sqlite3.Error as error:
        return _damaged(scene, str(error))


def _damaged(scene: Scene, why: str) -> Finding:
    return Finding(
        "store.damaged",
        "error",
        f"The database cannot be relied on: {why.splitlines()[0]}",
        scene.shown(scene.instance.store_dir / DATABASE),
        fix="openclaw gateway stop, then openclaw backup restore <archive>",
    )
