"""`openclaw logs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from clawfleet.cli.logs import Row, Wishes, following, read_row, row_text
from tests.support.fake_service import FakeDaemon
from tests.unit.cli.conftest import TOKEN, FakeGateway, Home, OpenClaw

LINE = '{"time": "2026-11-21T06:30:00.123Z", "level": "info", "subsystem": "gateway", "message": "ready"}'
DOWN = {"OPENCLAW_GATEWAY_PORT": "1"}


@pytest.fixture
def log(home: Home) -> Path:
    """The log file that the home's config names, with three lines."""
    file = home.root / "gateway.log"
    home.write_config(json.dumps({"gateway": {"mode": "local"}, "logging": {"file": str(file)}}))
    file.write_text(LINE.replace("ready", "one") + "\n" + LINE.replace("ready", "two") + "\n" + LINE + "\n")
    return file


def test_the_file_is_read_when_the_gateway_is_down(log: Path, openclaw: OpenClaw) -> None:
    result = openclaw("logs", "--limit", "2", **DOWN)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"Log file: {log}",
        "2026-11-21T06:30:00.123Z info gateway two",
        "2026-11-21T06:30:00.123Z info gateway ready",
    ]
    assert "reading configured file log instead" in result.stderr


def test_json_lines_have_the_types_of_openclaw(log: Path, openclaw: OpenClaw) -> None:
    rows = [json.loads(line) for line in openclaw("logs", "--json", **DOWN).stdout.splitlines()]
    assert [row["type"] for row in rows] == ["notice", "meta", "log", "log", "log"]
    assert rows[1] == {
        "type": "meta",
        "file": str(log),
        "sourceKind": "file",
        "cursor": log.stat().st_size,
        "size": log.stat().st_size,
    }
    assert rows[-1] == {"type": "log", **json.loads(LINE), "raw": LINE}


def test_a_running_gateway_is_asked(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["logs.tail"] = {"file": "/x.log", "cursor": 9, "size": 9, "lines": [LINE]}
    result = openclaw("logs", "--limit", "5")
    assert result.stdout.splitlines()[0] == "Log file: /x.log"
    assert own.calls("logs.tail") == [{"limit": 5, "maxBytes": 250_000}]
    assert result.stderr == ""


def test_following_goes_on_from_the_cursor(
    own: FakeGateway, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third look is interrupted, as by Ctrl-C."""

    def tail(gateway: FakeGateway, peer: ServerConnection, request: dict[str, Any]) -> None:
        cursor = request["params"].get("cursor", 0) + 10
        line = LINE.replace("ready", f"at {cursor}")
        gateway.ok(peer, request, {"file": "/x.log", "cursor": cursor, "size": cursor, "lines": [line]})

    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("clawfleet.cli.logs.time.sleep", wait)
    own.answers["logs.tail"] = tail
    result = openclaw("logs", "--follow", "--interval", "250")
    assert result.exit_code == 130
    assert [line.rsplit(" ", 1)[-1] for line in result.stdout.splitlines()[1:]] == ["10", "20", "30"]
    assert waits == [0.25, 0.25, 0.25]


def test_following_outlives_the_gateway(
    log: Path, own: FakeGateway, home: Home, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = {"token": TOKEN}
    home.write_config(json.dumps({"gateway": {"mode": "local", "auth": auth}, "logging": {"file": str(log)}}))
    size = log.stat().st_size
    own.answers["logs.tail"] = {"file": str(log), "cursor": size, "size": size, "lines": [LINE]}

    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt
        own.answers["logs.tail"] = lambda _, peer, __: peer.close(1012, "service restart")
        with log.open("a") as file:
            file.write(LINE.replace("ready", "after the restart") + "\n")

    monkeypatch.setattr("clawfleet.cli.logs.time.sleep", wait)
    result = openclaw("logs", "--follow")
    assert result.stdout.splitlines()[-1].endswith("after the restart")
    assert len(result.stdout.splitlines()) == 3


def test_the_log_of_another_machine_is_not_looked_for_here(log: Path, openclaw: OpenClaw) -> None:
    result = openclaw("logs", "--url", "ws://127.0.0.1:1", "--token", "x")
    assert result.exit_code == 1
    assert "not reachable" in result.stderr


def test_no_log_yet_is_said_with_the_place(openclaw: OpenClaw, home: Home) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local"}, "logging": {"file": "/nowhere/x.log"}}))
    result = openclaw("logs", **DOWN)
    assert result.exit_code == 1
    assert "there is no log yet: /nowhere/x.log" in result.stderr


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (LINE, ("2026-11-21T06:30:00.123Z", "info", "gateway", "ready")),
        ("2026-11-21T06:30:00Z [ws] hello", ("2026-11-21T06:30:00Z", "", "ws", "hello")),
        ("2026-11-21T06:30:00Z INFO [ws] hello", ("2026-11-21T06:30:00Z", "info", "ws", "hello")),
        ("Traceback (most recent call last):", ("", "", "", "Traceback (most recent call last):")),
        ("[1, 2]", ("", "", "", "[1, 2]")),
    ],
)
def test_a_line_is_read_in_every_form(line: str, row: tuple[str, str, str, str]) -> None:
    assert read_row(line) == Row(*row, raw=line)


def test_colours_and_zone_are_wishes() -> None:
    row = read_row(LINE)
    assert "\x1b[" in row_text(row, Wishes(as_json=False, plain=False, local_time=False))
    local = row_text(row, Wishes(as_json=False, plain=True, local_time=True))
    assert "\x1b[" not in local
    assert not local.startswith("2026-11-21T06:30:00.123Z")


def test_a_line_of_another_program_is_shown_as_it_is() -> None:
    """A time that is none stays what it is, also when local times are asked for."""
    row = read_row('{"time": "yesterday", "message": "hello"}')
    assert row_text(row, Wishes(as_json=False, plain=True, local_time=True)) == "yesterday hello"


def test_what_strangers_wrote_cannot_move_the_cursor() -> None:
    """Control characters are spelt out; line breaks and tabs of a traceback stay."""
    row = Row("", "", "", "Al\x1b[2J\x9b\r\n\tat line 1", "")
    assert row_text(row, Wishes(as_json=False, plain=True, local_time=False)) == "Al\\x1b[2J\\x9b\\x0d\n\tat line 1"


def test_following_goes_on_in_the_file_of_the_next_day(
    home: Home, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_config(json.dumps({"logging": {"file": str(home.root / "gw-YYYY-MM-DD.log")}}))
    first, second = home.root / "gw-2026-11-28.log", home.root / "gw-2026-11-29.log"
    first.write_text(LINE.replace("ready", "one") + "\n")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt
        with first.open("a") as file:
            file.write(LINE.replace("ready", "before midnight") + "\n")
        second.write_text(LINE.replace("ready", "after midnight") + "\n")

    monkeypatch.setattr("clawfleet.cli.logs.time.sleep", wait)
    lines = openclaw("logs", "--follow", **DOWN).stdout.splitlines()
    assert [line.partition("gateway ")[2] for line in lines[1:]] == ["one", "before midnight", "after midnight"]


def test_a_gateway_elsewhere_is_tried_again(
    fake: FakeGateway, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = {"file": "/x.log", "cursor": 9, "size": 9, "lines": [LINE]}
    fake.answers["logs.tail"] = steady
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        hangs_up = len(waits) in (1, 2)
        fake.answers["logs.tail"] = (lambda _, peer, __: peer.close(1012, "service restart")) if hangs_up else steady
        if len(waits) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr("clawfleet.cli.logs.time.sleep", wait)
    result = openclaw("logs", "--follow", "--url", fake.url, "--token", TOKEN)
    assert waits == [1.0, 1.0, 2.0, 1.0]
    assert "reconnecting in 1 s (1/8)" in result.stderr and "reconnecting in 2 s (2/8)" in result.stderr
    assert len(result.stdout.splitlines()) == 3


def test_a_gateway_elsewhere_that_stays_away_is_told(
    fake: FakeGateway, openclaw: OpenClaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.answers["logs.tail"] = {"file": "/x.log", "cursor": 9, "size": 9, "lines": [LINE]}
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        fake.answers["logs.tail"] = lambda _, peer, __: peer.close(1012, "service restart")

    monkeypatch.setattr("clawfleet.cli.logs.time.sleep", wait)
    assert openclaw("logs", "--follow", "--url", fake.url, "--token", TOKEN).exit_code == 1
    assert waits == [1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_what_looks_like_a_secret_is_masked() -> None:
    row = read_row("2026-11-21T06:30:00Z [x] Authorization: Bearer abcdefghij0123456789")
    assert "abcdefghij" not in row.message + row.raw


def test_without_a_log_file_the_service_has_the_last_word(openclaw: OpenClaw, home: Home, service: FakeDaemon) -> None:
    """A gateway that ends before it has a log has told its service manager why."""
    home.write_config(json.dumps({"gateway": {"mode": "local"}, "logging": {"file": "/nowhere/x.log"}}))
    service.file.write_text("[Service]\nExecStart=/bin/openclaw gateway\n")
    result = openclaw("logs", "--plain", **DOWN)
    assert result.exit_code == 0, result.output
    assert "There is no log file yet; this is what its service printed." in result.stderr
    assert result.stdout.splitlines()[-1] == "its last words"


def test_following_without_a_log_file_follows_the_service(
    openclaw: OpenClaw, home: Home, service: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the file, as soon as there is one."""
    file = home.root / "later.log"
    home.write_config(json.dumps({"gateway": {"mode": "local"}, "logging": {"file": str(file)}}))
    service.file.write_text("[Service]\nExecStart=/bin/openclaw gateway\n")
    printed, waits = ["one"], list[float]()
    monkeypatch.setattr("clawfleet.cli.logs.last_words", lambda context, lines: printed[-lines:])

    def wait(seconds: float) -> None:
        waits.append(seconds)
        match len(waits):
            case 1:
                printed.extend(("two", "three"))
            case 3:
                file.write_text(LINE + "\n")
            case 4:
                raise KeyboardInterrupt

    monkeypatch.setattr("clawfleet.cli.logs.time.sleep", wait)
    lines = openclaw("logs", "--plain", "--follow", **DOWN).stdout.splitlines()
    assert lines[-4:-1] == ["one", "two", "three"]
    assert lines[-1].endswith("gateway ready")


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ("", "ab", "ab"),
        ("ab", "ab", ""),
        ("ab", "abc", "c"),
        ("abc", "bcd", "d"),
        ("aab", "abx", "x"),
        ("ab", "xy", "xy"),
        ("ab", "", ""),
    ],
)
def test_only_what_is_new_follows(before: str, now: str, new: str) -> None:
    assert "".join(following(list(before), list(now))) == new
