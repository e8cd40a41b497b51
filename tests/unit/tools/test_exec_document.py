"""The approvals document: its owner's, written only over what was read."""

import stat
from pathlib import Path

import pytest

from clawfleet.core.errors import RequestError
from clawfleet.tools.exec_document import DocumentUnreadable, ExecDocument, wire_of
from clawfleet.tools.exec_policy import AllowEntry, ApprovalsDocument, Rules

ALWAYS = ApprovalsDocument(defaults=Rules(ask="always", security="full"))


def test_without_a_file_it_is_empty_and_has_a_name_all_the_same(tmp_path: Path) -> None:
    kept = ExecDocument(tmp_path).read()
    assert (kept.exists, wire_of(kept.document)) == (False, {"version": 1, "defaults": {}, "agents": {}})
    assert len(kept.hash) == 64


def test_what_is_written_is_read_and_is_nobody_elses(tmp_path: Path) -> None:
    document = ExecDocument(tmp_path)
    empty = document.read()
    written = document.write(ALWAYS, empty.hash)
    assert document.read() == written and written.document == ALWAYS
    assert stat.S_IMODE(document.path.stat().st_mode) == 0o600
    assert document.write(ApprovalsDocument(), written.hash).hash == empty.hash


@pytest.mark.parametrize(("base", "words"), [(None, "base hash required"), ("stale", "changed since last load")])
def test_nobody_overwrites_what_they_have_not_read(tmp_path: Path, base: str | None, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        ExecDocument(tmp_path).write(ALWAYS, base)
    assert not ExecDocument(tmp_path).path.exists()


def test_an_entry_is_added_to_those_there_are(tmp_path: Path) -> None:
    document = ExecDocument(tmp_path)
    document.write(ALWAYS, document.read().hash)
    for name in ("ls", "cat"):
        document.allow("main", AllowEntry(pattern=name))
    kept = document.read().document
    assert [entry.pattern for entry in kept.agents["main"].allowlist] == ["ls", "cat"]
    assert kept.defaults.ask == "always"


@pytest.mark.parametrize("text", ["{", '{"version": 2}', '{"version": 1, "defaults": {"ask": "sometimes"}}', "\xff"])
def test_what_cannot_be_read_is_no_empty_document(tmp_path: Path, text: str) -> None:
    document = ExecDocument(tmp_path)
    document.path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DocumentUnreadable):
        document.read()
