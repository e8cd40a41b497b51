from __future__ import annotations

from dataclasses import dataclass

from clawfleet.cli.checks.finding import Change, Finding, Mended
from clawfleet.cli.checks.fix import mend_all
from clawfleet.core.errors import HostError


@dataclass(frozen=True)
class Told:
    """A mend that says what it is told to."""

    question: str = ""
    fails: bool = False

    def apply(self) -> Mended:
        if self.fails:
            raise HostError("no")
        return Mended((Change("a", "1", "2"),), "- 1\n+ 2")


def finding(mend: Told | None) -> Finding:
    return Finding("x", "error", "x", mend=mend)


def test_one_mend_of_several_findings_is_done_once() -> None:
    done = mend_all([finding(Told()), finding(Told()), finding(None)], lambda _: True)
    assert [str(change) for change in done.changes] == ["a: 1 -> 2"]
    assert done.diffs == ("- 1\n+ 2",)


def test_what_was_refused_is_not_done_and_what_fails_is_said() -> None:
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    done = mend_all([finding(Told("really?")), finding(Told(fails=True))], no)
    assert asked == ["really?"]
    assert (done.changes, done.failures) == ((), ("no",))
