"""Orders to a file system: what they do, that nothing leads out of the roots, and that a commit is whole or nothing."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import stat
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from clawfleet.sandbox import file_work


class Room:
    """A workspace and what lies beside it."""

    def __init__(self, base: Path) -> None:
        self.inside = base / "inside"
        self.outside = base / "outside"
        self.inside.mkdir()
        self.outside.mkdir()
        (self.outside / "secret").write_text("secret")
        self.roots: list[list[object]] = [[str(self.inside), True]]

    def ask(self, op: str, path: str | None = None, **more: object) -> dict[str, Any]:
        order: dict[str, object] = {"op": op, "roots": self.roots, **more}
        if path is not None:
            order["path"] = path if path.startswith("/") else f"{self.inside}/{path}"
        reply: dict[str, Any] = json.loads(file_work.answer(json.dumps(order)))
        return reply

    def fetch(self, path: str, limit: int = 1_000_000) -> bytes | str:
        reply = self.ask("fetch", path, limit=limit)
        return b64decode(reply["done"]["data"]) if "done" in reply else str(reply["refused"])

    def look(self, path: str, first: int = 0, count: int = 100, keep: int = 1_000_000) -> tuple[bytes, int]:
        done = self.ask("look", path, first=first, count=count, keep=keep)["done"]
        return b64decode(done["data"]), done["total"]

    def commit(self, *changes: tuple[str, bytes | None], **more: object) -> dict[str, Any]:
        orders = [
            {
                "path": path if path.startswith("/") else f"{self.inside}/{path}",
                "data": None if data is None else b64encode(data).decode(),
                **more,
            }
            for path, data in changes
        ]
        return self.ask("commit", changes=orders)

    def tree(self) -> dict[str, bytes]:
        """Every regular file inside, with its content; a file left over would show."""
        return {
            str(path.relative_to(self.inside)): path.read_bytes() for path in self.inside.rglob("*") if path.is_file()
        }


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


ESCAPES = ["../outside/secret", "a/../../outside/secret", "link/secret", "absolute", "chain", "a/up/outside/secret"]


@pytest.fixture
def holes(room: Room) -> Room:
    """A workspace full of ways out."""
    (room.inside / "a").mkdir()
    (room.inside / "link").symlink_to("../outside")
    (room.inside / "absolute").symlink_to(room.outside / "secret")
    (room.inside / "chain").symlink_to("link/secret")
    (room.inside / "a/up").symlink_to("../..")
    return room


@pytest.mark.parametrize("path", [*ESCAPES, "/etc/passwd", "/"])
def test_no_path_leads_out(holes: Room, path: str) -> None:
    """Up, absolute, by a link, by a chain of links: refused, for reading as for writing."""
    outside = holes.outside / "secret"
    assert holes.fetch(path) == "outside"
    assert holes.ask("look", path, first=0, count=1, keep=9)["refused"] == "outside"
    assert holes.ask("listing", path, limit=9, after=None)["refused"] == "outside"
    assert holes.commit((path, b"changed"))["refused"] == "outside"
    assert outside.read_text() == "secret"


def test_links_that_stay_inside_are_followed(room: Room) -> None:
    """Also by an absolute target; what is written goes to where the link leads."""
    (room.inside / "real").write_text("here")
    (room.inside / "relative").symlink_to("real")
    (room.inside / "absolute").symlink_to(room.inside / "real")
    assert room.fetch("relative") == b"here"
    assert room.fetch("absolute") == b"here"
    assert "done" in room.commit(("relative", b"there"))
    assert (room.inside / "relative").is_symlink()
    assert (room.inside / "real").read_text() == "there"


def test_deleting_a_link_leaves_what_it_leads_to(holes: Room) -> None:
    """The link itself goes."""
    assert "done" in holes.commit(("absolute", None))
    assert (holes.outside / "secret").exists()
    assert not (holes.inside / "absolute").is_symlink()


def test_links_in_a_circle_end(room: Room) -> None:
    """Nobody walks for ever."""
    (room.inside / "one").symlink_to("two")
    (room.inside / "two").symlink_to("one")
    assert room.fetch("one") == "links"


def test_from_one_root_into_another(room: Room) -> None:
    """A path may leave a root when it comes back into one; a root may be for reading only."""
    room.roots.append([str(room.outside), False])
    assert room.fetch("../outside/secret") == b"secret"
    assert room.commit(("../outside/secret", b"changed"))["refused"] == "read-only"
    assert room.commit(("../outside/new/deep", b"made"))["refused"] in ("missing", "read-only")
    assert [path.name for path in room.outside.iterdir()] == ["secret"]


def test_without_limits_the_whole_file_system_is_there(room: Room) -> None:
    """The root directory as a root."""
    room.roots = [["/", True]]
    assert room.fetch("../outside/secret") == b"secret"
    assert room.fetch(str(room.outside / "secret")) == b"secret"


@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [(0, 100, b"one\ntwo\nthree"), (1, 1, b"two\n"), (2, 5, b"three"), (3, 5, b""), (0, 1, b"one\n")],
)
def test_lines_are_chosen(room: Room, first: int, count: int, expected: bytes) -> None:
    (room.inside / "f").write_bytes(b"one\ntwo\nthree")
    assert room.look("f", first, count) == (expected, 3)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_lines_are_the_same_however_the_file_is_cut(room: Room, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """A line may begin in one piece and end in another."""
    monkeypatch.setattr(file_work, "CHUNK", chunk)
    text = b"".join(b"line %d\n" % number for number in range(50)) + b"\n\nend\n"
    (room.inside / "f").write_bytes(text)
    lines = text.splitlines(keepends=True)
    for first, count in ((0, 3), (10, 20), (48, 99), (52, 1), (60, 1)):
        assert room.look("f", first, count) == (b"".join(lines[first : first + count]), len(lines))
    assert room.look("f", 10, 20, keep=5)[0] == b"".join(lines[10:30])[:5]


def test_a_very_long_file_is_not_counted(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for is there, the number of lines is not known."""
    monkeypatch.setattr(file_work, "COUNTED", 10)
    monkeypatch.setattr(file_work, "CHUNK", 4)
    (room.inside / "f").write_bytes(b"a\n" * 100)
    assert room.look("f", 0, 2) == (b"a\na\n", -1)


def test_what_is_no_file_is_not_read(room: Room) -> None:
    """A named pipe does not hold the reader."""
    (room.inside / "directory").mkdir()
    os.mkfifo(room.inside / "pipe")
    assert room.fetch("directory") == "directory"
    assert room.fetch("pipe") == "special"
    assert room.fetch("none") == "missing"
    (room.inside / "file").write_text("x")
    assert room.fetch("file/below") == "not-a-directory"
    assert room.ask("listing", "file", limit=1, after=None)["refused"] == "file"


def test_a_file_that_is_too_long_is_not_fetched(room: Room) -> None:
    (room.inside / "f").write_bytes(b"x" * 11)
    assert room.fetch("f", 11) == b"x" * 11
    assert room.fetch("f", 10) == "large"


def test_names_are_listed_in_order_and_in_pages(room: Room) -> None:
    """Hidden ones too; a link to a directory is no directory."""
    (room.inside / "b").mkdir()
    for name in (".hidden", "a", "z"):
        (room.inside / name).write_text("")
    (room.inside / "c").symlink_to("b")
    first = room.ask("listing", "", limit=3, after=None)["done"]
    assert first == {"entries": [[".hidden", False], ["a", False], ["b", True]], "more": True}
    rest = room.ask("listing", "", limit=3, after="b")["done"]
    assert rest == {"entries": [["c", False], ["z", False]], "more": False}


def test_files_are_made_with_their_directories_and_keep_their_mode(room: Room) -> None:
    assert room.commit(("deep/er/f", b"one"))["done"]["created"] == [True]
    (room.inside / "deep/er/f").chmod(0o750)
    assert room.commit(("deep/er/f", b"two"), show=True)["done"] == {"created": [False], "before": ["b25l"]}
    assert stat.S_IMODE((room.inside / "deep/er/f").stat().st_mode) == 0o750
    assert room.tree() == {"deep/er/f": b"two"}


def test_a_commit_with_a_fault_changes_nothing(room: Room) -> None:
    """Whatever stood before the fault."""
    (room.inside / "f").write_bytes(b"old")
    (room.inside / "d").mkdir()
    assert room.commit(("f", b"new"), ("d", b"new"))["refused"] == "directory"
    assert room.commit(("f", b"new"), ("gone", None))["refused"] == "missing"
    assert room.commit(("f", b"new"), new=True)["refused"] == "exists"
    assert room.commit(("f", b"new"), expect=hashlib.sha256(b"other").hexdigest())["refused"] == "changed"
    assert room.commit(("none", b"new"), expect=hashlib.sha256(b"old").hexdigest())["refused"] == "missing"
    assert room.tree() == {"f": b"old"}


def test_a_commit_that_breaks_half_way_is_taken_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second rename fails: the first is undone, a deleted file is back, a new one is gone."""
    for name in ("a", "b", "gone"):
        (room.inside / name).write_bytes(name.encode())
    rename, calls = os.rename, []

    def failing(*arguments: Any, **more: Any) -> None:
        calls.append(arguments)
        if len(calls) == 4:
            raise OSError(5, "broken disk")
        rename(*arguments, **more)

    monkeypatch.setattr(os, "rename", failing)
    reply = room.commit(("a", b"new"), ("gone", None), ("fresh", b"new"), ("b", b"new"))
    assert reply == {"refused": "system", "path": "", "detail": "Input/output error"}
    assert room.tree() == {"a": b"a", "b": b"b", "gone": b"gone"}


def test_a_file_system_without_hard_links_will_do(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise OSError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    (room.inside / "f").write_bytes(b"old")
    assert "done" in room.commit(("f", b"new"))
    assert room.tree() == {"f": b"new"}


def test_no_descriptor_stays_open(holes: Room) -> None:
    """Neither after success nor after a refusal."""
    holes.commit(("f", b"x"))
    before = os.dup(0)
    os.close(before)
    for _ in range(5):
        holes.fetch("f")
        holes.fetch("link/secret")
        holes.fetch("none/below")
        holes.commit(("f", b"y"), ("a", b"y"))
        holes.ask("listing", "f", limit=1, after=None)
    after = os.dup(0)
    os.close(after)
    assert after == before


def test_the_file_runs_by_itself(room: Room) -> None:
    """As containers run it: with nothing but Python, an order on its input, the reply on its output."""
    order = json.dumps(
        {"op": "fetch", "path": str(room.outside / "secret"), "roots": [["/", True]], "limit": 9}
    ).encode()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", Path(file_work.__file__).read_text()],
        input=b"%d\n%s" % (len(order), order),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"done": {"data": b64encode(b"secret").decode()}}


def test_the_file_needs_no_new_python() -> None:
    """Images come with what they come with."""
    ast.parse(Path(file_work.__file__).read_text(), feature_version=(3, 9))
