"""What a script on a host says when the host itself fails it."""

from __future__ import annotations

import subprocess

import pytest

import audit
from plainly import Plainly


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device", "/srv/.env"), "/srv/.env: No space left on device"),
        (OSError("strange"), "strange"),
        (subprocess.CalledProcessError(1, ["runuser", "-u", "x"], stderr=b"cat: write error\n"), "cat: write error"),
        (subprocess.CalledProcessError(2, ["runuser", "-u", "x"]), "runuser ended with 2"),
    ],
)
def test_a_failure_is_one_line(error: Exception, words: str) -> None:
    """The exit code is 1, as for every message that ends a program."""
    with pytest.raises(SystemExit) as ended, Plainly():
        raise error
    assert ended.value.code == words


def test_other_errors_are_defects_and_stay_visible() -> None:
    """Nothing is hidden that nobody expected."""
    with pytest.raises(KeyError), Plainly():
        raise KeyError("a defect")


def test_a_log_that_cannot_be_written_undoes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gateway is ready; that its line does not fit on the disk is told and no more."""

    def full(line: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit, "append", full)
    audit.note("deploy", id="edge/ops", outcome="ready")
    assert "No space left on device" in capsys.readouterr().err
