"""What becomes of a container that is already there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clawfleet.sandbox.reuse import HOT_S, Found, Step, choose
from clawfleet.sandbox.spec import ContainerSpec, Mount

SPEC = ContainerSpec(
    name="openclaw-sbx-x",
    tag="mine",
    scope_key="agent:main",
    image="image",
    workdir="/workspace",
    user="1:1",
    network="none",
    mounts=(Mount("/a", "/workspace", True),),
    env={},
)
CHANGED = replace(SPEC, image="other")
MOVED = replace(SPEC, mounts=(Mount("/b", "/workspace", True),))


def found(*, running: bool = True, instance: str = "mine") -> Found:
    return Found("id", SPEC.name, running, 0, {**SPEC.labels, "openclaw.instance": instance})


@pytest.mark.parametrize(
    ("there", "spec", "idle_s", "step"),
    [
        (None, SPEC, None, "create"),
        (found(), SPEC, None, "use"),
        (found(), SPEC, 0.0, "use"),
        (found(running=False), SPEC, None, "start"),
        (found(), CHANGED, None, "replace"),
        (found(), CHANGED, HOT_S, "replace"),
        (found(running=False), CHANGED, 0.0, "replace"),
        (found(), CHANGED, HOT_S - 1, "keep"),
        (found(), MOVED, HOT_S - 1, "refuse"),
        (found(), MOVED, HOT_S, "replace"),
        (found(instance="other"), SPEC, None, "foreign"),
        (found(running=False, instance="other"), CHANGED, None, "foreign"),
        (Found("id", SPEC.name, True, 0, {}), SPEC, None, "foreign"),
    ],
)
def test_the_next_step(there: Found | None, spec: ContainerSpec, idle_s: float | None, step: Step) -> None:
    """Current is used, changed and cold is replaced, changed and hot is kept or refused, foreign is left alone."""
    assert choose(there, spec, idle_s) == step
