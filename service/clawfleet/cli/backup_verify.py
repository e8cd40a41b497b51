"""`openclaw backup verify`: whether an archive is whole."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.output import print_json
from clawfleet.store.archive import read_archive


@click.command("verify")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(archive: Path, *, as_json: bool) -> None:
    """Hold every file of ARCHIVE against its checksum, and check its databases."""
    manifest = read_archive(archive)
    about = manifest.about
    if as_json:
        print_json(
            {
                "ok": True,
                "archivePath": str(archive),
                "archiveRoot": manifest.root,
                "createdAt": about.get("createdAt"),
                "runtimeVersion": about.get("runtimeVersion"),
                "assetCount": len(manifest.files),
            }
        )
        return
    click.echo(f"Backup OK: {archive}")
    click.echo(f"  made {about.get('createdAt')} by version {about.get('runtimeVersion')}")
    for kept in manifest.files:
        click.echo(f"  {kept.kind:<7}{kept.place} ({kept.size} bytes)")
