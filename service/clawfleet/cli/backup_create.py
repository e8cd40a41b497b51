"""`openclaw backup create`: config, `.env`, allowed commands and our own state in one archive; a gateway may run."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from clawfleet import __version__
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.own_files import APPROVALS, INCLUDES, approvals_file, env_file, included_files, store_files
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.core.clock import iso_time, now_ms
from clawfleet.core.errors import NotFoundError, RequestError
from clawfleet.store.archive import Source, read_archive, write_archive

ENDING = "-openclaw-backup"


class InsideItself(RequestError):
    """The archive would lie in what it keeps."""

    code = "BACKUP_INSIDE_ITSELF"
    exit_code = 1


@click.command(
    "create",
    epilog="""\b
Examples:
  openclaw backup create --output ~/Backups --verify
  openclaw backup create --dry-run""",
)
@click.option(
    "--output", metavar="PATH", type=click.Path(path_type=Path), help="File, or directory for it. Unset: here."
)
@click.option("--only-config", is_flag=True, help="Only the config file.")
@click.option("--verify", is_flag=True, help="Read the archive again and check it.")
@click.option("--dry-run", is_flag=True, help="Say what would be kept; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(
    cli: CliContext, *, output: Path | None, only_config: bool, verify: bool, dry_run: bool, as_json: bool
) -> None:
    """Keep config, .env and this gateway's state in one archive, readable by its owner only.

    The gateway may run meanwhile. The archive holds keys. Workspaces and a Node original's databases are not in it.
    """
    instance, at_ms = cli.instance, now_ms()
    sources = sources_of(instance, cli.snapshot_or_error[0], only_config=only_config)
    if not sources:
        raise NotFoundError("There is nothing to keep yet.", hint=f"{instance.state_dir} holds no config and no state")
    root = f"{local_time(at_ms)}{ENDING}"
    target = target_of(instance, output, root)
    about = {
        "createdAt": iso_time(at_ms),
        "runtimeVersion": __version__,
        "platform": sys.platform,
        "options": {"onlyConfig": only_config},
        "paths": {"stateDir": str(instance.state_dir), "configPath": str(instance.config_path)},
    }
    if not dry_run:
        write_archive(target, root, sources, about)
        if verify:
            read_archive(target)
    report = {
        "ok": True,
        "dryRun": dry_run,
        "onlyConfig": only_config,
        "verified": verify and not dry_run,
        "createdAt": about["createdAt"],
        "archivePath": str(target),
        "archiveRoot": root,
        "assets": _rows(sources),
    }
    if as_json:
        print_json(report)
    else:
        _print(instance, target, sources, dry_run=dry_run, verified=bool(report["verified"]))


def sources_of(instance: Instance, snapshot: Snapshot | None, *, only_config: bool) -> list[Source]:
    """What a backup of this instance keeps, as far as it is there."""
    found = [Source("config", instance.config_path, "openclaw.json")]
    if not only_config:
        found += [Source("config", path, f"{INCLUDES}{place}") for path, place in included_files(instance, snapshot)]
        found.append(Source("env", env_file(instance), ".env"))
        found.append(Source("state", approvals_file(instance), APPROVALS))
        store = instance.store_dir
        found += [Source("state", path, f"clawfleet/{path.relative_to(store)}") for path in store_files(instance)]
    return [source for source in found if source.path.is_file()]


def target_of(instance: Instance, output: Path | None, root: str) -> Path:
    """Where the archive goes: a named file, or `<root>.tar.gz` in a directory. Raises InsideItself, NotFoundError."""
    target = instance.cwd / (output or "")
    if target.is_dir():
        target /= f"{root}.tar.gz"
    if target.resolve().is_relative_to(instance.store_dir.resolve()):
        raise InsideItself(f"{target} lies in what is kept", hint="choose another place: --output <path>")
    if not target.parent.is_dir():
        raise NotFoundError(f"there is no directory {target.parent}", hint="make it, or choose another: --output")
    return target


def local_time(at_ms: int) -> str:
    """`2026-03-09T08-00-00.000+08-00`: local time, in characters that may stand in a file's name."""
    moment = time.localtime(at_ms / 1000)
    zone = time.strftime("%z", moment)
    return f"{time.strftime('%Y-%m-%dT%H-%M-%S', moment)}.{at_ms % 1000:03}{zone[:3]}-{zone[3:]}"


def _rows(sources: Sequence[Source]) -> list[dict[str, Any]]:
    return [
        {
            "kind": source.kind,
            "sourcePath": str(source.path),
            "archivePath": source.place,
            "size": source.path.stat().st_size,
        }
        for source in sources
    ]


def _print(instance: Instance, target: Path, sources: Sequence[Source], *, dry_run: bool, verified: bool) -> None:
    click.echo(f"{'Would write' if dry_run else 'Backup:'} {instance.shown(target)}")
    for source in sources:
        click.echo(f"  {source.kind:<7}{instance.shown(source.path)}")
    if verified:
        click.echo("Verified: every checksum holds, every database is sound.")
    if not dry_run:
        click.echo("It holds keys: keep it where only you can read it.")
