"""One run at a time per session, in order; a limit over all."""

import asyncio

import pytest

from clawfleet.agents.lanes import Lanes


async def test_a_session_runs_in_order_of_arrival_and_others_beside_it() -> None:
    lanes, log, open_first = Lanes(8), [], asyncio.Event()

    async def run(key: str, name: str, gate: asyncio.Event | None = None) -> None:
        async with lanes.turn(key):
            log.append(f"{name} in")
            if gate is not None:
                await gate.wait()
            log.append(f"{name} out")

    async with asyncio.TaskGroup() as group:
        group.create_task(run("a", "a1", open_first))
        group.create_task(run("a", "a2"))
        group.create_task(run("a", "a3"))
        group.create_task(run("b", "b1"))
        while "b1 out" not in log:
            await asyncio.sleep(0)
        assert log == ["a1 in", "b1 in", "b1 out"]
        open_first.set()
    assert log[3:] == ["a1 out", "a2 in", "a2 out", "a3 in", "a3 out"]


async def test_the_limit_holds_over_all_sessions() -> None:
    lanes, inside, most = Lanes(2), 0, 0

    async def run(key: str) -> None:
        nonlocal inside, most
        async with lanes.turn(key):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(run(str(number)) for number in range(10)))
    assert most == 2


async def test_a_run_cancelled_in_its_turn_gives_the_lane_back() -> None:
    lanes = Lanes(1)

    async def hold() -> None:
        async with lanes.turn("a"):
            await asyncio.Event().wait()

    held = asyncio.ensure_future(hold())
    await asyncio.sleep(0)
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    async with asyncio.timeout(30), lanes.turn("a"):
        pass
    assert not lanes._lanes


async def test_the_limit_over_all_can_be_raised_and_lowered_while_turns_run() -> None:
    lanes, inside, gates = Lanes(1), list[str](), {name: asyncio.Event() for name in "abcd"}

    async def run(name: str) -> None:
        async with lanes.turn(name):
            inside.append(name)
            await gates[name].wait()
        inside.remove(name)

    async def settle() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name in "abcd":
            group.create_task(run(name))
        await settle()
        assert inside == ["a"]
        lanes.resize(3)
        await settle()
        assert inside == ["a", "b", "c"]
        lanes.resize(1)
        gates["a"].set()
        gates["b"].set()
        await settle()
        assert inside == ["c"]  # nobody follows those beyond the new limit
        gates["c"].set()
        await settle()
        assert inside == ["d"]
        gates["d"].set()


async def test_a_lower_limit_also_takes_places_that_nobody_uses() -> None:
    lanes, inside, gate = Lanes(3), list[str](), asyncio.Event()

    async def run(name: str) -> None:
        async with lanes.turn(name):
            inside.append(name)
            await gate.wait()

    lanes.resize(1)
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(run(name))
        for _ in range(20):
            await asyncio.sleep(0)
        assert inside == ["a"]
        gate.set()
    assert inside == ["a", "b", "c"]
