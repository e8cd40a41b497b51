"""The file is replaced as a whole, for its owner only, with its past beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyjson5
import pytest

from clawfleet.config.write import CannotWrite, ReadOnlyConfig, change_file, read_exactly


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state/openclaw.json"


def put(file: Path, text: str) -> bool:
    return change_file(file, {}, lambda _: text)


def test_a_new_file_and_its_directory_belong_to_the_owner(file: Path) -> None:
    """Modes 0600 and 0700."""
    assert put(file, "{}")
    assert file.read_text() == "{}"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["openclaw.json"]


def test_the_last_five_versions_are_kept(file: Path) -> None:
    """.bak is the newest, .bak.4 the oldest."""
    for number in range(8):
        put(file, str(number))
    kept = {path.name: path.read_text() for path in file.parent.iterdir()}
    assert kept == {
        "openclaw.json": "7",
        "openclaw.json.bak": "6",
        "openclaw.json.bak.1": "5",
        "openclaw.json.bak.2": "4",
        "openclaw.json.bak.3": "3",
        "openclaw.json.bak.4": "2",
    }


def test_no_change_writes_nothing(file: Path) -> None:
    """Not even a backup."""
    put(file, "{}")
    before = file.stat()
    assert not put(file, "{}")
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert len(list(file.parent.iterdir())) == 1


def test_line_ends_stay_as_they_are(file: Path) -> None:
    """Also in what the change is handed."""
    put(file, "{\r\n}\r\n")
    assert change_file(file, {}, lambda old: (old or "") + "// x")
    assert file.read_bytes() == b"{\r\n}\r\n// x"
    assert read_exactly(file) == "{\r\n}\r\n// x"


def test_a_change_that_fails_leaves_everything_as_it_was(file: Path) -> None:
    """No half file, no temporary one."""
    put(file, "{}")

    def fail(_: str | None) -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        change_file(file, {}, fail)
    assert [path.name for path in file.parent.iterdir()] == ["openclaw.json"]


def test_a_linked_file_is_changed_where_it_is(file: Path, tmp_path: Path) -> None:
    """People keep their config under version control elsewhere."""
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    file.parent.mkdir()
    file.symlink_to(real)
    put(file, "{a: 1}")
    assert file.is_symlink()
    assert real.read_text() == "{a: 1}"


def test_read_only(file: Path) -> None:
    """OPENCLAW_CONFIG_READONLY=1 refuses every change."""
    with pytest.raises(ReadOnlyConfig, match="read-only"):
        change_file(file, {"OPENCLAW_CONFIG_READONLY": "1"}, lambda _: "{}")
    assert not file.exists()
    assert change_file(file, {"OPENCLAW_CONFIG_READONLY": "0"}, lambda _: "{}")


def test_what_the_system_refuses_is_said(file: Path) -> None:
    """With the path; not as a traceback."""
    file.parent.write_text("a file where the directory should be")
    with pytest.raises(CannotWrite, match=r"cannot write .*openclaw\.json"):
        put(file, "{}")


def test_two_writers_lose_nothing(file: Path) -> None:
    """Each sees what the other wrote."""
    put(file, "")

    def add(letter: str) -> None:
        for _ in range(20):
            change_file(file, {}, lambda old: (old or "") + letter)

    threads = [threading.Thread(target=add, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(file.read_text()) == ["a"] * 20 + ["b"] * 20


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write for others")
def test_root_writes_for_the_files_owner(file: Path) -> None:
    """A config the gateway's user can no longer read would stop the gateway."""
    put(file, "{}")
    os.chown(file, 12345, 12345)
    put(file, "{a: 1}")
    assert (file.stat().st_uid, file.with_name("openclaw.json.bak").stat().st_uid) == (12345, 12345)


STEPS = ("mkstemp", "fdopen", "fsync", "fchown", "replace")


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_leaves_the_old_or_the_new_file(
    file: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a broken one, and never more than one text short; whoever writes next finds everything in order."""
    old, new = "{ old: 1 }", "{ new: 1, filler: 'x' }" * 1000
    for at in range(1, 20):
        file.parent.mkdir(exist_ok=True)
        file.write_text(old, encoding="utf-8")
        with monkeypatch.context() as patched:
            reached = crash_at(patched, step, at)
            with suppress(Crash):
                change_file(file, {}, lambda _: new)
        found = file.read_text(encoding="utf-8")
        assert found in (old, new)
        backup = file.with_name("openclaw.json.bak")
        assert not backup.exists() or backup.read_text(encoding="utf-8") in (old, new)
        if not reached:
            break
    else:
        raise AssertionError(f"{step} is never passed without a crash")
    assert change_file(file, {}, lambda _: "{ next: 1 }")
    assert file.read_text(encoding="utf-8") == "{ next: 1 }"


class Crash(BaseException):
    """The process ends here."""


def crash_at(patched: pytest.MonkeyPatch, step: str, number: int) -> list[int]:
    """Crash the `number`th time that this step is taken; the list gets an entry when it happened."""
    owner: Any = Path if step == "replace" else tempfile if step == "mkstemp" else os
    real, count, reached = getattr(owner, step), 0, list[int]()

    def crash(*args: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count == number:
            reached.append(number)
            raise Crash
        return real(*args, **options)

    patched.setattr(owner, step, crash)
    return reached


def test_a_kill_in_the_middle_of_writes_never_breaks_the_file(file: Path) -> None:
    """A real process that writes on and on is killed wherever it happens to be."""
    code = (
        "import sys, itertools\nfrom pathlib import Path\nfrom clawfleet.config.write import change_file\n"
        "print('go', flush=True)\n"
        "for n in itertools.count():\n"
        "    change_file(Path(sys.argv[1]), {}, lambda _: '{ n: %d, x: \"%s\" }' % (n, 'x' * 200000))\n"
    )
    for delay_s in (0.0, 0.01, 0.02, 0.03, 0.05):
        with subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            with suppress(subprocess.TimeoutExpired):
                writer.wait(delay_s)
            writer.kill()
        if file.exists():
            assert pyjson5.decode(file.read_text(encoding="utf-8"))["n"] >= 0
