"""How a command ended, in words and in details."""

from __future__ import annotations

from clawfleet.sandbox.place import Exit
from clawfleet.tools.runtime.endings import details_of, ending_of, text_of
from tests.unit.tools.runtime.conftest import Yard
from tests.unit.tools.runtime.scripted_place import ScriptedPlace


async def test_words(yard: Yard) -> None:
    """Output first; nothing is said of a good end."""
    assert text_of(await yard.ended(ScriptedPlace(b"hi\n"))) == "hi"
    assert text_of(await yard.ended(ScriptedPlace())) == "(no output)"
    assert text_of(await yard.ended(ScriptedPlace(end=Exit(3)))) == "(no output)\n\n(Command exited with code 3)"
    assert text_of(await yard.ended(ScriptedPlace(b"x", Exit(None, "SIGHUP")))).startswith(
        "x\n\nCommand aborted by signal"
    )
    late = await yard.ended(ScriptedPlace(b"", None), timeout_s=0.01)
    assert text_of(late).startswith("last words\n\nCommand timed out after 0.01 seconds.")


async def test_a_stop_is_no_failure(yard: Yard) -> None:
    """Somebody wanted it."""
    running = await yard.background(ScriptedPlace(end=None))
    running.stop()
    await running.over.wait()
    details = details_of(running)
    assert ending_of(running) == "The command was stopped by request."
    assert (details["status"], details["exitReason"], details["exitSignal"]) == (
        "completed",
        "manual-cancel",
        "SIGTERM",
    )
    assert "failureKind" not in details


async def test_a_timeout_is_one(yard: Yard) -> None:
    details = details_of(await yard.ended(ScriptedPlace(b"", None), timeout_s=0.01))
    assert (details["status"], details["timedOut"], details["failureKind"]) == ("failed", True, "overall-timeout")
