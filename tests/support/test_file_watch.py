"""The watch sees what it must see, and nothing that it may ignore."""

import sys
from pathlib import Path

import pytest

from tests.support.file_watch import FileWatch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


def test_reading_writing_and_making_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("x")
    (tmp_path / "skipped").mkdir()
    with FileWatch([tmp_path], ignores=lambda path: "skipped" in path.parts) as watch:
        assert watch.seen() == []
        (tmp_path / "a" / "file").read_text()
        (tmp_path / "skipped" / "other").write_text("x")
        assert watch.seen() == [f"open {tmp_path / 'a' / 'file'}"]
        (tmp_path / "new").write_text("x")
        assert [line.split()[0] for line in watch.seen()] == ["create", "open", "modify"]
