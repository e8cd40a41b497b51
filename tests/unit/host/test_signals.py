"""First signal: stop in order. Second: now."""

import asyncio
import os
import signal

from clawfleet.host.signals import StopSignals


async def test_the_first_and_the_second_signal_are_told_apart() -> None:
    signals = StopSignals()
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(30):
        await signals.first.wait()
    assert not signals.second.is_set()
    os.kill(os.getpid(), signal.SIGINT)
    async with asyncio.timeout(30):
        await signals.second.wait()
    loop = asyncio.get_running_loop()
    loop.remove_signal_handler(signal.SIGTERM)
    loop.remove_signal_handler(signal.SIGINT)
    loop.remove_signal_handler(signal.SIGUSR2)


async def test_a_restart_is_asked_for_by_its_own_signal() -> None:
    signals = StopSignals()
    os.kill(os.getpid(), signal.SIGUSR2)
    async with asyncio.timeout(30):
        await signals.restart.wait()
    assert not signals.first.is_set()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2):
        loop.remove_signal_handler(number)
