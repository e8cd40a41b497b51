"""Archives of an instance's own files: one tar.gz with a manifest, checksums and consistent copies of its databases.

Layout as OpenClaw's: `<root>/manifest.json` and `<root>/payload/…`. What is put in and where it goes back to is the
caller's; this file writes, checks and unpacks. Nothing is unpacked that was not checked before.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

from clawfleet.core.errors import HostError
from clawfleet.store.files import private_dir

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 16 * 1024**2
BLOCK = 1024**2

Kind = Literal["config", "env", "state"]


class BackupBroken(HostError):
    """The archive is not one of ours, or is not what it says it is."""

    code = "BACKUP_BROKEN"


class BackupFailed(HostError):
    """The archive could not be written."""

    code = "BACKUP_FAILED"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to keep. `place` is its path in the archive; a database is copied as one moment of it."""

    kind: Kind
    path: Path
    place: str

    @property
    def is_database(self) -> bool:
        """Whether it may be written while it is read."""
        return self.path.suffix == ".sqlite"


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of an archive: its kind, its place in it, its size and checksum, and where it came from."""

    kind: Kind
    place: str
    size: int
    sha256: str
    origin: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself. `about` are the caller's words."""

    root: str
    files: tuple[Kept, ...]
    about: Mapping[str, Any]


def write_archive(target: Path, root: str, sources: Sequence[Source], about: Mapping[str, Any]) -> Manifest:
    """Write the archive, for its owner only; it is there whole or not at all. Raises BackupFailed."""
    if target.exists():
        raise BackupFailed(f"{target} is there already", hint="choose another name: --output <file>")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
            work = Path(folder)
            draft = work / "draft.tar.gz"
            draft.touch(mode=0o600)
            with tarfile.open(draft, "w:gz", format=tarfile.PAX_FORMAT) as tar:
                files = tuple(_add(tar, root, source, work) for source in sources)
                text = json.dumps(_to_json(root, files, about), indent=2, ensure_ascii=False).encode()
                _add_file(tar, f"{root}/{MANIFEST}", io.BytesIO(text), len(text))
            _sync(draft)
            draft.rename(target)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise BackupFailed(f"cannot write {target}: {error}", hint="check the free space, and who owns it") from error
    return Manifest(root, files, about)


def read_archive(archive: Path) -> Manifest:
    """The manifest, after every file was held against its checksum and every database was checked.

    Raises BackupBroken.
    """
    with _opened(archive) as tar:
        manifest = _manifest(tar)
        members = {member.name: member for member in tar.getmembers() if not member.isdir()}
        wanted = {_name(manifest.root, kept) for kept in manifest.files} | {f"{manifest.root}/{MANIFEST}"}
        if odd := sorted(set(members) ^ wanted):
            raise BackupBroken(f"{archive} does not hold what its manifest says: {', '.join(odd[:3])}")
        for kept in manifest.files:
            member = members[_name(manifest.root, kept)]
            if member.size != kept.size or _digest(_file(tar, member)) != kept.sha256:
                raise BackupBroken(f"{archive}: {kept.place} is damaged", hint="take another backup")
            if kept.place.endswith(".sqlite"):
                _check_database(_file(tar, member), f"{archive}: {kept.place}")
    return manifest


def unpack(archive: Path, manifest: Manifest, places: Mapping[str, Path]) -> list[Path]:
    """Write the files named in `places` (place in the archive → path); what is there is replaced.

    The archive was checked by `read_archive`. Raises BackupBroken, OSError.
    """
    written = []
    with _opened(archive) as tar:
        for kept in manifest.files:
            if (path := places.get(kept.place)) is None:
                continue
            private_dir(path.parent)
            _put(_file(tar, tar.getmember(_name(manifest.root, kept))), path)
            written.append(path)
    return written


def copy_database(source: Path, target: Path) -> None:
    """One moment of a database that others may be writing to, as one file without its log. Raises sqlite3.Error."""
    target.touch(mode=0o600)
    live = sqlite3.connect(f"file:{_uri(source)}?mode=ro", uri=True, timeout=10)
    with closing(live), closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _uri(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _add(tar: tarfile.TarFile, root: str, source: Source, work: Path) -> Kept:
    path = source.path
    if source.is_database:
        path = work / "database.sqlite"
        path.unlink(missing_ok=True)
        copy_database(source.path, path)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        kept = Kept(source.kind, source.place, size, _digest(file), str(source.path))
        file.seek(0)
        _add_file(tar, _name(root, kept), file, size)
    return kept


def _add_file(tar: tarfile.TarFile, name: str, file: IO[bytes], size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    tar.addfile(info, file)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _name(root: str, kept: Kept) -> str:
    return f"{root}/payload/{kept.place}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive, "r:gz") as tar:
            yield tar
    except FileNotFoundError as error:
        raise BackupBroken(f"there is no archive {archive}") from error
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BackupBroken(f"{archive} is no archive that can be read: {error}") from error


def _manifest(tar: tarfile.TarFile) -> Manifest:
    found = [member for member in tar.getmembers() if PurePosixPath(member.name).name == MANIFEST]
    found = [member for member in found if len(PurePosixPath(member.name).parts) == 2]
    if len(found) != 1 or found[0].size > MAX_MANIFEST_BYTES:
        raise BackupBroken(f"{tar.name!s} holds {len(found)} manifests; a backup has one")
    try:
        note = json.loads(_file(tar, found[0]).read())
        if note["schemaVersion"] != SCHEMA_VERSION:
            raise BackupBroken(f"backup schema {note['schemaVersion']} is not known to this release")
        files = tuple(
            Kept(row["kind"], _safe(row["archivePath"]), int(row["size"]), row["sha256"], str(row["sourcePath"]))
            for row in note["assets"]
        )
        return Manifest(str(note["archiveRoot"]), files, note)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupBroken(f"the manifest cannot be read: {error!r}", hint="is it a backup of this gateway?") from error


def _safe(place: str) -> str:
    """A place that cannot lead out of where it is unpacked. Raises ValueError."""
    path = PurePosixPath(place)
    if path.is_absolute() or not path.parts or ".." in path.parts or str(path) != place:
        raise ValueError(f"unsafe place {place!r}")
    return place


def _file(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member) if member.isreg() else None
    if file is None:
        raise BackupBroken(f"{member.name} is no regular file")
    return file


def _put(file: IO[bytes], path: Path) -> None:
    """Write what `file` holds to `path`, which others see whole or not at all."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(file, target, BLOCK)
            if os.geteuid() == 0:  # root restores for the user who owns the place
                owner = path.parent.stat()
                os.fchown(target.fileno(), owner.st_uid, owner.st_gid)
            target.flush()
            os.fsync(target.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _check_database(file: IO[bytes], what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.sqlite"
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy, BLOCK)
        try:
            with closing(sqlite3.connect(path)) as connection:
                said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        except sqlite3.Error as error:
            raise BackupBroken(f"{what} is no database: {error}") from error
        if said != ["ok"]:
            raise BackupBroken(f"{what} is damaged: {said[0]}")


def _to_json(root: str, files: Sequence[Kept], about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schemaVersion": SCHEMA_VERSION,
        "archiveRoot": root,
        **about,
        "assets": [
            {
                "kind": kept.kind,
                "sourcePath": kept.origin,
                "archivePath": kept.place,
                "size": kept.size,
                "sha256": kept.sha256,
            }
            for kept in files
        ],
    }
