"""An archive holds what was put in, says so truly, and unpacks only what was checked."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from clawfleet.store.archive import BackupBroken, BackupFailed, Manifest, Source, read_archive, unpack, write_archive

Rewrite = Callable[[str, bytes], tuple[str, bytes] | None]


@pytest.fixture
def files(tmp_path: Path) -> list[Source]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "openclaw.json").write_text("{} // mine")
    with closing(sqlite3.connect(home / "a b?.sqlite")) as database:
        database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (41);")
    return [
        Source("config", home / "openclaw.json", "openclaw.json"),
        Source("state", home / "a b?.sqlite", "clawfleet/gateway.sqlite"),
    ]


@pytest.fixture
def archive(tmp_path: Path, files: list[Source]) -> Path:
    path = tmp_path / "backup.tar.gz"
    write_archive(path, "root", files, {"runtimeVersion": "1"})
    return path


def rewritten(archive: Path, change: Rewrite) -> Path:
    """A copy of the archive in which each file is as `change` says; None leaves it out."""
    path = archive.with_name("rewritten.tar.gz")
    with tarfile.open(archive) as old, tarfile.open(path, "w:gz") as new:
        for member in old.getmembers():
            file = old.extractfile(member)
            assert file is not None
            if (row := change(member.name, file.read())) is not None:
                info = tarfile.TarInfo(row[0])
                info.size = len(row[1])
                new.addfile(info, io.BytesIO(row[1]))
    return path


def test_what_was_put_in_comes_out(tmp_path: Path, archive: Path) -> None:
    manifest = read_archive(archive)
    assert [kept.place for kept in manifest.files] == ["openclaw.json", "clawfleet/gateway.sqlite"]
    assert manifest.about["runtimeVersion"] == "1"
    target = tmp_path / "new" / "deep"
    written = unpack(archive, manifest, {kept.place: target / kept.place for kept in manifest.files})
    assert len(written) == 2
    assert (target / "openclaw.json").read_text() == "{} // mine"
    with closing(sqlite3.connect(target / "clawfleet" / "gateway.sqlite")) as database:
        assert database.execute("SELECT x FROM t").fetchall() == [(41,)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in [*written, archive]} == {0o600}


def test_a_database_is_copied_while_it_is_written(tmp_path: Path, files: list[Source]) -> None:
    with closing(sqlite3.connect(files[1].path, isolation_level=None)) as writer:
        writer.execute("INSERT INTO t VALUES (42)")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO t VALUES (43)")
        write_archive(tmp_path / "b.tar.gz", "root", files, {})
        writer.execute("ROLLBACK")
    manifest = read_archive(tmp_path / "b.tar.gz")
    unpack(tmp_path / "b.tar.gz", manifest, {"clawfleet/gateway.sqlite": tmp_path / "c.sqlite"})
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as copy:
        assert copy.execute("SELECT x FROM t").fetchall() == [(41,), (42,)]


def test_an_archive_is_never_replaced_and_a_draft_never_left(
    tmp_path: Path, archive: Path, files: list[Source]
) -> None:
    with pytest.raises(BackupFailed, match="is there already"):
        write_archive(archive, "root", files, {})
    with pytest.raises(BackupFailed):
        write_archive(tmp_path / "x.tar.gz", "root", [Source("config", tmp_path / "gone", "gone")], {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "home"]


def _flipped(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data.replace(b"mine", b"hers") if name.endswith("openclaw.json") else data


def _shorter(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data[:-100] if name.endswith(".sqlite") else data


def _without(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name.endswith(".sqlite") else (name, data)


def _headless(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name.endswith("manifest.json") else (name, data)


def _renamed(name: str, data: bytes) -> tuple[str, bytes]:
    return name.replace("openclaw.json", "other.json"), data


def _noted(**change: object) -> Rewrite:
    def rewrite(name: str, data: bytes) -> tuple[str, bytes]:
        return name, json.dumps({**json.loads(data), **change}).encode() if name.endswith("manifest.json") else data

    return rewrite


ROW = {"kind": "config", "size": 1, "sha256": "x", "sourcePath": "x"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_flipped, "openclaw.json is damaged"),
        (_shorter, "gateway.sqlite is damaged"),
        (_without, "does not hold what its manifest says"),
        (_renamed, "does not hold what its manifest says"),
        (_headless, "0 manifests"),
        (_noted(schemaVersion=2), "not known to this release"),
        (_noted(assets=[{**ROW, "archivePath": "../../etc/passwd"}]), "unsafe place"),
        (_noted(assets=[{**ROW, "archivePath": "/etc/passwd"}]), "unsafe place"),
        (_noted(assets=[{}]), "cannot be read"),
        (_noted(assets=3), "cannot be read"),
    ],
)
def test_what_is_not_what_it_says_is_refused(archive: Path, change: Rewrite, words: str) -> None:
    with pytest.raises(BackupBroken, match=words):
        read_archive(rewritten(archive, change))


def test_links_are_refused(tmp_path: Path, archive: Path) -> None:
    path = tmp_path / "linked.tar.gz"
    with tarfile.open(archive) as old, tarfile.open(path, "w:gz") as new:
        for member in old.getmembers():
            if member.name.endswith("openclaw.json"):
                member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
    with pytest.raises(BackupBroken):
        read_archive(path)


def test_a_database_that_is_broken_inside_is_found(tmp_path: Path) -> None:
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"SQLite format 3\x00" + b"\x00" * 4000)
    source = Source("state", bad, "clawfleet/gateway.sqlite")
    write_archive(tmp_path / "b.tar.gz", "root", [source], {})
    with pytest.raises(BackupBroken, match=r"gateway.sqlite is (no database|damaged)"):
        read_archive(tmp_path / "b.tar.gz")


@pytest.mark.parametrize("data", [b"", b"not an archive"])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(BackupBroken):
        read_archive(tmp_path / "x")
    with pytest.raises(BackupBroken, match="there is no archive"):
        read_archive(tmp_path / "y")


def test_only_what_is_asked_for_is_unpacked(tmp_path: Path, archive: Path) -> None:
    manifest: Manifest = read_archive(archive)
    assert unpack(archive, manifest, {"openclaw.json": tmp_path / "c.json"}) == [tmp_path / "c.json"]
