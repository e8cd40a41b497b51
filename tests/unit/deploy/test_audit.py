"""The audit log of a host: a line per change, and a bound."""

from __future__ import annotations

from pathlib import Path

import pytest

import audit


def test_it_never_grows_beyond_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full ones are kept, three of them, the newest as `.1`."""
    monkeypatch.setattr(audit, "LOG", tmp_path / "audit.log")
    monkeypatch.setattr(audit, "MAX_BYTES", 60)
    for number in range(9):
        audit.note("deploy", number=number)
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["audit.log", "audit.log.1", "audit.log.2", "audit.log.3"]
    assert '"number": 8' in (tmp_path / "audit.log").read_text()
    assert '"number": 7' in (tmp_path / "audit.log.1").read_text()
    assert all(path.stat().st_size < 2 * 60 for path in tmp_path.iterdir())
