"""`openclaw backup restore`: an archive's files back in their place; what stood there is kept beside it."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import addressed, print_json
from clawfleet.cli.own_files import BESIDE_DATABASES, INCLUDES, SET_ASIDE, env_file
from clawfleet.config.env import Instance
from clawfleet.core.errors import HostError, RequestError
from clawfleet.host.lock import StateLock
from clawfleet.store.archive import Manifest, read_archive, unpack
from clawfleet.store.files import private_dir


class NotConfirmed(RequestError):
    """Something would be replaced or removed, and nobody said yes."""

    code = "NOT_CONFIRMED"
    exit_code = 1


class TargetNotEmpty(RequestError):
    """A restore into a directory of its own wants one that holds nothing."""

    code = "TARGET_NOT_EMPTY"
    exit_code = 1


class RestoreFailed(HostError):
    """A file could not be put in its place; what was there before is there again."""

    code = "RESTORE_FAILED"


@click.command(
    "restore",
    epilog="""\b
Examples:
  openclaw backup restore backup.tar.gz                     into this instance
  openclaw backup restore backup.tar.gz --target ~/restored""",
)
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--target", metavar="DIR", type=click.Path(path_type=Path), help="A new state directory instead.")
@click.option("--yes", is_flag=True, help="Replace what is there without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, archive: Path, *, target: Path | None, yes: bool, as_json: bool) -> None:
    """Put the files of ARCHIVE back; the gateway must be stopped. What is replaced is kept beside it."""
    instance = cli.instance
    manifest = read_archive(archive)
    kept_in: Path | None = None
    if target is not None:
        state_dir = _fresh(instance.cwd / target)
        own = {kept.place: state_dir / kept.place.removeprefix(INCLUDES) for kept in manifest.files}
        written = unpack(archive, manifest, own)
    else:
        state_dir = instance.state_dir
        places = places_in(instance, manifest)
        if any(path.exists() for path in places.values()):
            confirm(f"Replace {len(places)} files of {instance.shown(state_dir)}?", yes=yes)
        kept_in = put_back(instance, archive, manifest, places)
        written = list(places.values())
    if as_json:
        document = {"ok": True, "archivePath": str(archive), "stateDir": str(state_dir)}
        kept = str(kept_in) if kept_in else None
        print_json({**document, "restored": [str(path) for path in written], "keptIn": kept})
        return
    click.echo(f"Restored {len(written)} files to {instance.shown(state_dir)}")
    if kept_in is not None:
        click.echo(f"What was there before: {instance.shown(kept_in)}")
    start = "openclaw gateway run" if target is None else f"OPENCLAW_STATE_DIR={state_dir} openclaw gateway run"
    click.echo(addressed(f"Start it: {start}", cli.flags if target is None else ""))


def places_in(instance: Instance, manifest: Manifest) -> Mapping[str, Path]:
    """Where each file of an archive belongs in this instance."""
    named = {"openclaw.json": instance.config_path, ".env": env_file(instance)}
    folder = instance.config_path.parent
    named |= {
        kept.place: folder / kept.place.removeprefix(INCLUDES)
        for kept in manifest.files
        if kept.place.startswith(INCLUDES)
    }
    return {kept.place: named.get(kept.place) or instance.state_dir / kept.place for kept in manifest.files}


def put_back(instance: Instance, archive: Path, manifest: Manifest, places: Mapping[str, Path]) -> Path | None:
    """Where the replaced files are now, None when there were none. Raises GatewayRunning, RestoreFailed."""
    lock = StateLock.acquire(instance.store_dir, port=0, config_path=instance.config_path)
    draft = instance.state_dir / f".restore-{time.time_ns()}"
    aside = instance.state_dir / f"{SET_ASIDE}{time.strftime('%Y%m%dT%H%M%S')}-{draft.name[-4:]}"
    moved: list[tuple[Path, Path]] = []
    try:
        unpack(archive, manifest, {place: draft / place for place in places})
        for place, path in places.items():
            for ending in ("", *BESIDE_DATABASES):
                old = path.with_name(path.name + ending)
                if old.exists():
                    _move(old, aside / f"{place}{ending}", moved)
            _move(draft / place, path, moved)
    except OSError as error:
        for there, here in reversed(moved):
            shutil.move(here, there)
        raise RestoreFailed(f"cannot restore {archive}: {error}", hint="nothing was changed") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        lock.release()
    return aside if aside.exists() else None


def confirm(question: str, *, yes: bool) -> None:
    """Return if the answer is yes. Raises NotConfirmed without one, or where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed(f"{question} Nobody was asked: this is no terminal.", hint="say it with --yes")
    if not click.confirm(question, err=True):
        raise NotConfirmed("Nothing was changed.")


def _move(old: Path, new: Path, moved: list[tuple[Path, Path]]) -> None:
    private_dir(new.parent)
    shutil.move(old, new)
    moved.append((old, new))


def _fresh(target: Path) -> Path:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetNotEmpty(f"{target} is not empty", hint="name a directory that does not exist yet")
    return private_dir(target)
