"""Laying the owned keys over a gateway's config, as it happens on a host."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyjson5
import pytest

from own_config import Policy, main, wanted_text

OVERLAY = {"gateway": {"port": 18789, "auth": {"mode": "token"}}, "logging": {}, "list": [1]}
ALL = Policy()
SOME = Policy("merge", ("gateway.port", "gateway.auth"))
BY_PEOPLE = """{
  // where we talk
  channels: { telegram: { enabled: true } },
  gateway: { port: 1, reload: { mode: "hot" } }, // port was wrong
}
"""


def run(verb: str, config: Path, monkeypatch: pytest.MonkeyPatch, former: object = OVERLAY) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{json.dumps(OVERLAY)}\n{json.dumps(former)}\n"))
    main(verb, config, ALL)


def test_owned_keys_win_and_everything_else_stays() -> None:
    """Keys, comments and order that people wrote survive."""
    after = wanted_text(BY_PEOPLE, OVERLAY, {}, ALL)
    assert "// where we talk" in after and "// port was wrong" in after
    assert "port: 18789" in after and 'reload: { mode: "hot" }' in after
    assert wanted_text(after, OVERLAY, OVERLAY, ALL) == after


def test_a_missing_config_becomes_the_owned_keys() -> None:
    """The first deploy writes plain JSON."""
    assert json.loads(wanted_text("", OVERLAY, {}, ALL)) == OVERLAY


def test_check_tells_whether_a_write_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Content, mode and kind of file count; the answer is one word."""
    config = tmp_path / "openclaw.json"

    def checked() -> str:
        run("check", config, monkeypatch)
        return capsys.readouterr().out

    assert checked() == "differs\n"
    config.write_text(BY_PEOPLE)
    assert checked() == "differs\n"
    run("write", config, monkeypatch)
    assert checked() == "equal\n"
    config.chmod(0o644)
    assert checked() == "differs\n"
    run("write", config, monkeypatch)
    assert checked() == "equal\n"


def test_a_write_is_private_and_keeps_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second write without need touches nothing."""
    config = tmp_path / "openclaw.json"
    config.write_text(BY_PEOPLE)
    run("write", config, monkeypatch)
    assert config.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "openclaw.json.bak").read_text() == BY_PEOPLE
    before = config.stat()
    run("write", config, monkeypatch)
    assert config.stat().st_ino == before.st_ino


def test_a_key_that_the_fleet_owns_no_more_is_removed_unless_people_changed_it() -> None:
    """Taking a key out of the fleet file takes it out of the config; what someone else wrote is theirs."""
    text = "{ a: 1, b: 2, deep: { x: 1, y: 9 }, gateway: { port: 18789 } }"
    former = {"a": 1, "b": 3, "deep": {"x": 1}, "gone": True, "gateway": {"port": 18789}}
    after = wanted_text(text, {"gateway": {"port": 18789}}, former, ALL)
    assert pyjson5.decode(after) == {"b": 2, "deep": {"y": 9}, "gateway": {"port": 18789}}


def test_a_change_of_ownership_alone_is_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record of what the fleet owns is brought up to date too."""
    config = tmp_path / "openclaw.json"
    run("write", config, monkeypatch, {})
    run("check", config, monkeypatch, {"gone": True})
    assert capsys.readouterr().out == "differs\n"


@pytest.mark.parametrize("text", ["{ gateway: ", "{ gateway: 5 }"])
def test_a_config_that_cannot_take_the_keys_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """The reason names the file."""
    config = tmp_path / "openclaw.json"
    config.write_text(text)
    for verb in ("check", "write"):
        with pytest.raises(SystemExit, match=r"openclaw\.json: "):
            run(verb, config, monkeypatch)
    assert config.read_text() == text


def test_what_people_changed_stays_until_the_fleet_says_something_else() -> None:
    """Two writers: a forced key is the fleet's, another one belongs to whoever changed it last."""
    own = {"gateway": {"port": 18789, "auth": {"mode": "token"}}, "logging": {"level": "info"}}
    text = wanted_text("", own, {}, SOME).replace("18789", "1").replace("info", "trace").replace("token", "none")
    after = json.loads(wanted_text(text, own, own, SOME))
    assert after == {"gateway": {"port": 18789, "auth": {"mode": "token"}}, "logging": {"level": "trace"}}
    newer = own | {"logging": {"level": "debug"}}
    assert json.loads(wanted_text(text, newer, own, SOME))["logging"]["level"] == "debug"
    # A key that nobody wrote down is laid over them all the same, and so is what the fleet owns anew.
    assert json.loads(wanted_text('{"gateway": {}}', own, own, SOME))["logging"]["level"] == "info"
    assert json.loads(wanted_text(text, own, {}, SOME))["logging"]["level"] == "info"


def test_a_seeded_config_is_written_once() -> None:
    """After that it is theirs."""
    assert json.loads(wanted_text(" ", OVERLAY, {}, Policy("seed"))) == OVERLAY
    assert wanted_text(BY_PEOPLE, OVERLAY, {}, Policy("seed")) == BY_PEOPLE


@pytest.mark.parametrize("text", [BY_PEOPLE, "{ broken"])
def test_a_managed_config_holds_nothing_else(text: str) -> None:
    """How it is written does not matter, what it says does."""
    managed = Policy("managed")
    assert json.loads(wanted_text(text, OVERLAY, OVERLAY, managed)) == OVERLAY
    same = f"// kept\n{json.dumps(OVERLAY)}"
    assert wanted_text(same, OVERLAY, OVERLAY, managed) == same
