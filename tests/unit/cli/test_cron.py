from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_what_the_scheduler_cannot_do_is_not_supported(openclaw: OpenClaw) -> None:
    done = openclaw("cron", "add", "--name", "x")
    assert done.exit_code == 2
    assert "not supported by this gateway" in done.stderr
