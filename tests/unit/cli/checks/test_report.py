from __future__ import annotations

from clawfleet.cli.checks.finding import Change, Finding
from clawfleet.cli.checks.fix import Done
from clawfleet.cli.checks.report import WIDTH, done_lines, finding_lines, report_json, summary
from clawfleet.cli.checks.table import Outcome

LONG = Finding("a.b", "error", "word " * 60, "~/x", evidence="seen " * 30, fix="do " * 40)


def test_no_line_is_wider_than_a_terminal() -> None:
    lines = list(finding_lines(LONG))
    assert max(map(len, lines)) <= WIDTH
    assert lines[0] == "✗ a.b  ~/x"


def test_text_from_elsewhere_cannot_move_the_cursor() -> None:
    assert "\x1b" not in "".join(finding_lines(Finding("a", "info", "a\x1b[2Jb")))


def test_the_summary_counts() -> None:
    findings = (LONG, Finding("c", "info", "c"), Finding("d", "info", "d"))
    assert summary(Outcome(findings, 9, 2)) == "9 checks, 2 skipped: 1 error, 0 warnings, 2 notes"


def test_json_has_the_keys_of_the_original() -> None:
    document = report_json(Outcome((Finding("a", "info", "m"),), 1, 0), Done((Change("p", "1", "2"),)))
    assert document["schemaVersion"] == 1
    assert document["ok"] is True
    assert document["findings"] == [{"checkId": "a", "severity": "info", "message": "m", "fixable": False}]
    assert document["changes"] == [{"path": "p", "old": "1", "new": "2"}]


def test_a_fix_that_did_nothing_says_so() -> None:
    assert list(done_lines(Done())) == ["Nothing was changed."]
    assert list(done_lines(Done(failures=("no",)))) == ["✗ not changed: no"]
