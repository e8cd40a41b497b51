"""Why a session has the tools it has: layer by layer what each removed, and what gives a tool back. Decides only.

Source: tools-and-sessions §1.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clawfleet.tools.mending import mend_for
from clawfleet.tools.policy import Decision, Layer, decide
from clawfleet.tools.subject import Subject


@dataclass(frozen=True, slots=True)
class Step:
    """One layer at work: how many tools came to it, and which of them it removed."""

    layer: Layer
    before: int
    removed: tuple[str, ...]

    @property
    def after(self) -> int:
        """How many tools it left."""
        return self.before - len(self.removed)


@dataclass(frozen=True, slots=True)
class Told:
    """One tool: what was decided, and the command that gives it back (None when it is there, or nothing can)."""

    decision: Decision
    fix: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it. `absent` are tools that policy leaves and that cannot work here, and why; None: nobody looked."""

    subject: Subject
    is_sandboxed: bool
    steps: tuple[Step, ...]
    tools: tuple[Told, ...]
    absent: Mapping[str, str] | None = None

    @property
    def total(self) -> int:
        """How many tools there are."""
        return len(self.tools)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The names of those that are left and, as far as somebody looked, can work."""
        left = (told.decision.name for told in self.tools if told.decision.allowed)
        return tuple(name for name in left if name not in (self.absent or ()))

    @property
    def narrowing(self) -> tuple[str, ...]:
        """The keys that took tools away, in the order in which they did."""
        keys = (told.decision.key for step in self.steps for told in self.tools if told.decision.name in step.removed)
        return tuple(dict.fromkeys(key for key in keys if key))


def explain(
    names: Sequence[str],
    layers: Sequence[Layer],
    subject: Subject,
    *,
    is_sandboxed: bool,
    absent: Mapping[str, str] | None = None,
) -> Explanation:
    """The explanation for the tools `names`, of which those that are `absent` cannot work here."""
    decisions = decide(names, layers)
    steps, left = [], list(decisions)
    for layer in layers:
        gone = {each.name for each in decide([each.name for each in left], (layer,)) if not each.allowed}
        steps.append(Step(layer, len(left), tuple(each.name for each in left if each.name in gone)))
        left = [each for each in left if each.name not in gone]
    told = tuple(Told(each, mend_for(each, layers)) for each in decisions)
    return Explanation(subject, is_sandboxed, tuple(steps), told, absent)


def summary(found: Explanation) -> str:
    """`3 of 12 (narrowed by tools.allow)`, or how many there are."""
    count = len(found.allowed)
    if not found.narrowing:
        return f"{count} of {found.total}"
    return f"{count} of {found.total} (narrowed by {', '.join(found.narrowing)})"
