"""Files that somebody else changed are noticed, once they have come to rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.runtime.watch import ConfigWatch
from tests.unit.rpc.house import until


class Reader:
    """Counts how often it is asked to read, and what it read."""

    def __init__(self, *files: Path) -> None:
        self.watched = files
        self.debounce_s = 0.05
        self.read: list[str] = []

    async def follow(self) -> None:
        self.read.append("".join(file.read_text() for file in self.watched if file.exists()))


def save(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def rename(old: Path, new: Path) -> None:
    old.replace(new)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "openclaw.json"
    file.write_text("1", encoding="utf-8")
    return file


async def test_changes_are_read_once_they_rest(file: Path) -> None:
    """What was changed before it began counts too. Then somebody saves again and again."""

    class Restless(Reader):
        @property
        def watched(self) -> tuple[Path, ...]:
            if self.read and to_come:  # between two looks, however long they are apart
                save(file, to_come.pop(0))
            return (file,)

        @watched.setter
        def watched(self, files: tuple[Path, ...]) -> None:
            """It is always that file."""

    to_come = ["12", "123", "1234"]
    reader = Restless(file)
    reader.debounce_s = 0.3
    watch = ConfigWatch(reader, poll_s=0.01)
    watch.start()
    await until(lambda: len(reader.read) > 1)
    assert reader.read == ["1", "1234"]
    await watch.close()


async def test_a_rename_and_a_new_file_are_seen(file: Path) -> None:
    reader = Reader(file)
    watch = ConfigWatch(reader, poll_s=0.01)
    watch.start()
    await until(lambda: len(reader.read) == 1)
    fresh = file.with_name("fresh")
    save(fresh, "2")
    rename(fresh, file)
    await until(lambda: reader.read[-1] == "2")
    included = file.with_name("more.json5")
    reader.watched = (file, included)
    await until(lambda: len(reader.read) == 3)
    save(included, "+")
    await until(lambda: reader.read[-1] == "2+")
    await watch.close()


async def test_a_file_that_changes_before_it_is_watched_is_read_again(file: Path) -> None:
    """An include that is edited while the config that names it is taken up."""
    included = file.with_name("more.json5")
    save(included, "+")

    class Includes(Reader):
        async def follow(self) -> None:
            await super().follow()
            if len(self.read) == 1:
                save(included, "++")
                self.watched = (file, included)

    reader = Includes(file)
    watch = ConfigWatch(reader, poll_s=0.01)
    watch.start()
    await until(lambda: len(reader.read) == 2)
    assert reader.read == ["1", "1++"]
    await watch.close()


async def test_a_failure_does_not_end_the_watch(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Reader):
        async def follow(self) -> None:
            await super().follow()
            if len(self.read) == 1:
                raise RuntimeError("a bug")

    reader = Failing(file)
    watch = ConfigWatch(reader, poll_s=0.01)
    watch.start()
    await until(lambda: len(reader.read) == 1)
    save(file, "12")
    await until(lambda: len(reader.read) == 2)
    assert "config reload failed" in caplog.text
    await watch.close()
