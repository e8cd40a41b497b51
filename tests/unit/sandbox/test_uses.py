"""When containers were last used: known after a restart, to commands too."""

from __future__ import annotations

import time
from pathlib import Path

from clawfleet.sandbox.uses import Uses


def test_a_use_is_remembered_until_it_is_forgotten(tmp_path: Path) -> None:
    uses = Uses(tmp_path)
    assert (uses.any, uses.at_ms("one")) == (False, None)
    uses.note("one")
    again = Uses(tmp_path)
    assert again.any
    assert abs((again.at_ms("one") or 0) - time.time() * 1000) < 60_000
    again.forget("one")
    again.forget("one")
    assert uses.at_ms("one") is None


def test_a_disk_that_refuses_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "sandboxes").write_text("no directory")
    uses = Uses(tmp_path)
    uses.note("one")
    assert uses.at_ms("one") is None
