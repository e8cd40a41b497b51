"""What `status --all` and `status --deep` add to the page: every check with what it found, and the log's last lines.

Only looks, and shows no secret: the page is made to be pasted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clawfleet.cli.checks.report import SIGNS
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.checks.table import CHECKS, examine
from clawfleet.cli.output import addressed
from clawfleet.cli.security_audit import summary_line
from clawfleet.core.text import printable
from clawfleet.host.logfile import read_tail
from clawfleet.secrets.redact import Redactor

LAST_LINES = 5


def diagnosis_lines(scene: Scene) -> Iterator[str]:
    """One line for each check that found nothing, one for each finding of the others."""
    yield "Diagnosis (read-only)"
    mendable = False
    for check in CHECKS:
        outcome = examine(scene, [check])
        if outcome.skipped:
            yield f"- {check.name}: not looked at"
        elif not outcome.findings:
            yield f"✓ {check.name}"
        for finding in outcome.findings:
            mendable |= finding.mend is not None
            place = f" {finding.path}" if finding.path else ""
            message = " ".join(finding.message.split())
            yield printable(f"{SIGNS[finding.severity]} {finding.check_id}{place}: {message}")
    more = "More, and what mends it: openclaw doctor" + (" --fix" if mendable else "")
    yield addressed(more, scene.context.flags)


def audit_lines(scene: Scene) -> Iterator[str]:
    """The openings that are worth a look."""
    outcome = examine(scene, [check for check in CHECKS if check.is_security])
    yield f"Security audit · {summary_line(outcome)}"
    for finding in outcome.findings:
        if finding.severity != "info":
            yield printable(f"{SIGNS[finding.severity]} {finding.check_id}: {finding.message}")
    yield addressed("All of it: openclaw security audit --deep", scene.context.flags)


def log_lines(file: Path) -> Iterator[str]:
    """The last lines of the log, without what looks like a secret."""
    try:
        tail = read_tail(file, limit=LAST_LINES)
    except OSError:
        return
    yield f"Log file, last {len(tail.lines)} lines"
    redactor = Redactor()
    yield from (printable(redactor.redact(line)) for line in tail.lines)
