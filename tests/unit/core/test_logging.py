"""The log file: JSON lines, owner-only, without secrets."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.core.logging import set_level, set_up_logging
from tests.support.logs import logging_as_it_was


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    with logging_as_it_was():
        yield


def set_up(file: Path, level: str = "info") -> None:
    set_up_logging(file=file, level=level, redact=lambda text: text.replace("s3cret", "***"), instance="ops")


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
    set_level("debug")
    logging.getLogger("clawfleet.x").debug("now")
    set_level("silent")
    logging.getLogger("clawfleet.x").error("no more")
    assert [json.loads(line)["message"] for line in file.read_text().splitlines()] == ["now"]
