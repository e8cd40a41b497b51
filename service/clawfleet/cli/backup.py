"""`openclaw backup`: an instance's config, keys and state as one file, and back. Source: config-and-cli §10."""

from __future__ import annotations

import click

from clawfleet.cli.families import Family, Lazy

TABLE = {
    "create": Lazy("clawfleet.cli.backup_create", "Keep config, .env and state in one archive."),
    "verify": Lazy("clawfleet.cli.backup_verify", "Hold an archive against its checksums."),
    "restore": Lazy("clawfleet.cli.backup_restore", "Put an archive's files back."),
}


@click.group("backup", cls=Family, table=TABLE, unsupported=frozenset({"sqlite", "git", "enable", "disable"}))
def command() -> None:
    """Config, keys and state as one file, and back."""
