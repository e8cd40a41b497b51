"""A `.env` that the fleet shares with others, as it happens on a host."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest

from own_env import main, split

SHARED = """# by hand
export OTHER="one
A_KEY=not a variable
three"
A_KEY=1
LAST='x'"""


def checked(env: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    main("check", env, {"A_KEY", "B_KEY"})
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_fleets_lines_are_told_from_others() -> None:
    """A quoted value over several lines stays whole, comments belong to nobody."""
    known, others = split(SHARED, {"A_KEY"})
    assert known == "A_KEY=1\n"
    assert others == {"OTHER": 'export OTHER="one\nA_KEY=not a variable\nthree"\n', "LAST": "LAST='x'\n"}


def test_a_write_keeps_what_others_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Private, the fleet's lines first; a second look finds them as they were sent. No value is printed."""
    env = tmp_path / ".env"
    env.write_text(SHARED)
    sent = "A_KEY=2\nB_KEY=3\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(sent))
    main("write", env, {"A_KEY", "B_KEY"})
    assert env.read_text().startswith(sent) and "three" in env.read_text() and "A_KEY=1" not in env.read_text()
    found = checked(env, capsys)
    assert (found["mode"], found["unknown"]) == ("600", ["LAST", "OTHER"])
    assert found["known"] == hashlib.sha256(sent.encode()).hexdigest() != found["whole"]
    env.write_text(env.read_text() + "A_KEY=4\n")
    assert checked(env, capsys)["known"] != found["known"]


def test_bytes_of_others_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name in Latin-1 is no reason to fail a deploy, nor to change it."""
    env = tmp_path / ".env"
    env.write_bytes(b"NAME='J\xfcrgen'\nA_KEY=1\n")
    assert checked(env, capsys)["unknown"] == ["NAME"]
    monkeypatch.setattr("sys.stdin", io.StringIO("A_KEY=2\n"))
    main("write", env, {"A_KEY"})
    assert env.read_bytes() == b"A_KEY=2\nNAME='J\xfcrgen'\n"
    assert checked(env, capsys)["whole"] == hashlib.sha256(env.read_bytes()).hexdigest()


def test_a_file_that_is_not_there_is_no_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is a link, which could lead anywhere."""
    main("check", tmp_path / ".env", {"A_KEY"})
    assert capsys.readouterr().out == ""
