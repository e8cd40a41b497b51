"""What is told when the work on a host ends early, on a host that pyinfra only pretends to reach."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from pyinfra.api import Config, Inventory, State, operation
from pyinfra.api.connect import connect_all
from pyinfra.context import ctx_host, ctx_state

from control.converge import HostRun, carried_out


@operation(is_idempotent=False)
def quick() -> Generator[str, None, None]:
    """Succeeds."""
    yield "true"


@operation(is_idempotent=False)
def reading(cut: list[Exception]) -> Generator[str, None, None]:
    """Reads the host between its commands, as operations do that write on from what is there."""
    yield "true"
    for error in cut:
        raise error


def run(error: Exception) -> HostRun:
    """Three operations, the second of which meets the error while it reads."""
    data = {"fake_delay": 0, "fake_delay_jitter": 0}
    inventory = Inventory((["@fake/h"], data))  # type: ignore[no-untyped-call]
    state = State(inventory, Config(), check_for_changes=False)  # type: ignore[no-untyped-call]
    connect_all(state)
    (host,) = inventory
    met: list[Exception] = []
    with ctx_state.use(state), ctx_host.use(host):
        quick(name="first")
        reading(cut=met, name="second")
        quick(name="third")
    met.append(error)  # after the listing, which runs operations too
    return carried_out("h", state, host)


def test_a_cut_while_an_operation_reads_is_its_failure_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    """No traceback; and what comes after it is not begun."""
    done = run(ConnectionError("the connection was cut (exit code 255)"))
    assert done == HostRun("h", ("first",), "second", "the connection was cut (exit code 255)")
    assert capfd.readouterr().err == ""


def test_a_defect_of_ours_is_not_told_as_a_failure_of_the_host() -> None:
    with pytest.raises(ZeroDivisionError):
        run(ZeroDivisionError())
