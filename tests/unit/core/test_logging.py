"""The log file: JSON lines, owner-only, without secrets."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clawfleet.core.logging as subject
from clawfleet.core.logging import LogSettings, file_of, number_of, set_log_settings, set_up_logging
from tests.support.logs import logging_as_it_was


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    with logging_as_it_was():
        yield


def set_up(file: Path, level: str = "info", **more: Any) -> Path:
    settings = LogSettings(level=level, **more)
    return set_up_logging(
        file=file, settings=settings, redact=lambda text: text.replace("s3cret", "***"), instance="ops"
    )


def messages(file: Path) -> list[str]:
    return [json.loads(line)["message"] for line in file.read_text().splitlines()]


def test_a_record_is_one_json_object_with_its_subsystem_and_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "gateway.log"
    set_up(file)
    logging.getLogger("clawfleet.server.ws").info("token %s came in", "s3cret")
    row = json.loads(file.read_text())
    assert row["subsystem"] == "server.ws"
    assert row["message"] == "token *** came in"
    assert (row["level"], row["instance"]) == ("info", "ops")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_traceback_is_redacted_too(tmp_path: Path) -> None:
    file = tmp_path / "gateway.log"
    set_up(file)
    try:
        raise ValueError("s3cret")
    except ValueError:
        logging.getLogger("clawfleet.x").exception("failed")
    assert "s3cret" not in file.read_text()
    assert "Traceback" in json.loads(file.read_text())["message"]


def test_the_console_line_is_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(tmp_path / "gateway.log")
    logging.getLogger("clawfleet.gateway").info("ready")
    assert capsys.readouterr().err.rstrip().endswith("[gateway] ready")


def test_the_level_holds_for_us_and_libraries_only_warn(tmp_path: Path) -> None:
    file = tmp_path / "gateway.log"
    set_up(file, "warn")
    logging.getLogger("clawfleet.x").info("no")
    logging.getLogger("library").info("no")
    logging.getLogger("library").warning("yes")
    assert [json.loads(line)["message"] for line in file.read_text().splitlines()] == ["yes"]


def test_the_level_can_be_changed_while_logging(tmp_path: Path) -> None:
    file = tmp_path / "gateway.log"
    set_up(file, "warn")
    set_log_settings(LogSettings("debug"))
    logging.getLogger("clawfleet.x").debug("now")
    set_log_settings(LogSettings("silent"))
    logging.getLogger("clawfleet.x").error("no more")
    assert [json.loads(line)["message"] for line in file.read_text().splitlines()] == ["now"]


def test_a_subsystem_may_say_more_or_less_than_the_rest(tmp_path: Path) -> None:
    file = set_up(tmp_path / "x.log", "warn", levels={"channels": "debug", "channels.telegram": "error"})
    for name in ("channels.slack", "channels.telegram", "server"):
        logging.getLogger(f"clawfleet.{name}").debug(name)
    assert messages(file) == ["channels.slack"]


def test_the_console_has_a_level_and_a_style_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = set_up(tmp_path / "x.log", "warn", console_level="info", console_style="json")
    logging.getLogger("clawfleet.x").info("only there")
    assert json.loads(capsys.readouterr().err)["message"] == "only there"
    assert file.read_text() == ""
    set_log_settings(LogSettings("info", console_style="compact"))
    logging.getLogger("clawfleet.x").info("short")
    line = capsys.readouterr().err
    assert line[2] == line[5] == ":" and line.endswith(" [x] short\n")


def test_a_new_day_has_a_new_file_and_old_days_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = tmp_path / "gw-YYYY-MM-DD.log"
    for day in range(1, 20):
        (tmp_path / f"gw-2026-01-{day:02}.log").write_text("old")
    (tmp_path / "other-2026-01-01.log").write_text("not ours")
    monkeypatch.setattr(subject, "_today", lambda: "2026-03-01")
    first = set_up(pattern)
    assert first == file_of(pattern) == tmp_path / "gw-2026-03-01.log"
    logging.getLogger("clawfleet.x").info("before midnight")
    monkeypatch.setattr(subject, "_today", lambda: "2026-03-02")
    logging.getLogger("clawfleet.x").info("after midnight")
    assert messages(first) == ["before midnight"]
    second = tmp_path / "gw-2026-03-02.log"
    assert messages(second) == ["after midnight"]
    assert second.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.glob("gw-*.log"))) == 14
    assert (tmp_path / "other-2026-01-01.log").exists()


def test_a_file_that_is_too_large_is_set_aside(tmp_path: Path) -> None:
    file = set_up(tmp_path / "x.log", max_bytes=1024)
    for number in range(40):
        logging.getLogger("clawfleet.x").info("line %d of a log that does not end", number)
    assert {path.name for path in tmp_path.iterdir()} == {"x.log", "x.log.1", "x.log.2"}
    assert all(path.stat().st_size <= 1024 for path in tmp_path.iterdir())
    assert messages(file)[-1].startswith("line 39")


def test_words_are_severities() -> None:
    assert [number_of(word) for word in ("trace", "debug", "info", "warn", "error", "fatal", "silent")] == sorted(
        [10, 10, 20, 30, 40, 50, 51]
    )
