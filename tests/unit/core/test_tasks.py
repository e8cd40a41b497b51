"""Background tasks: none is lost, none fails in silence."""

import asyncio

import pytest

from clawfleet.core.tasks import Tasks


async def test_a_failure_that_nobody_awaits_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks()

    async def fail() -> None:
        raise ValueError("boom")

    task = tasks.start(fail(), name="doomed")
    await asyncio.wait({task})
    await asyncio.sleep(0)
    assert "task doomed failed" in caplog.text
    assert "boom" in caplog.text


async def test_close_cancels_and_waits() -> None:
    tasks, ended = Tasks(), asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    tasks.start(wait(), name="waiter")
    await asyncio.sleep(0)
    await tasks.close()
    assert ended.is_set()
