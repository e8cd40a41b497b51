"""What a sandboxed command costs against `docker exec` typed by hand, and how soon many sandboxes are up."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.integration.sandboxed_agent import SandboxedAgent
from tests.support.images import sandbox_image

ROUNDS, SESSIONS = 40, 20
ALLOWED_RATIO, ALLOWED_S = 1.3, 30.0
LINE = "echo up"


async def round_trips(agent: SandboxedAgent, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median milliseconds of a command by the tool and by hand, taking turns in the same container."""
    await agent.exec(LINE)
    (name,) = agent.containers()
    by_hand = ("docker", "exec", name, "/bin/sh", "-lc", LINE)
    pairs = []
    for _ in range(rounds):
        started = time.perf_counter()
        result = await agent.exec(LINE)
        between = time.perf_counter()
        process = await asyncio.create_subprocess_exec(*by_hand, stdout=subprocess.PIPE)
        said, _ = await process.communicate()
        assert (result.text, said) == ("up", b"up\n")
        pairs.append((between - started, time.perf_counter() - between))
    ours, hand = (statistics.median(pair[index] for pair in pairs) * 1000 for index in (0, 1))
    return ours, hand


async def first_commands(agent: SandboxedAgent, sessions: int = SESSIONS) -> tuple[float, float]:
    """Seconds until that many sessions, begun at once, have each run a command in a container of their own; then
    until they all ran another one."""

    async def one(number: int) -> None:
        result = await agent.exec(LINE, session=f"agent:main:bench:{number}", yieldMs=120_000)
        assert result.text == "up", result.text

    took = []
    for _ in range(2):
        started = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(sessions)))
        took.append(time.perf_counter() - started)
    assert len(agent.containers()) == sessions
    return took[0], took[1]


async def _measure(home: Path, image: str) -> list[str]:
    agent = SandboxedAgent(home, image, scope="session")
    try:
        ours, hand = await round_trips(agent)
    finally:
        await agent.close()
    agent = SandboxedAgent(home / "many", image, scope="session")
    try:
        first, again = await first_commands(agent)
    finally:
        await agent.close()
    return [
        f"one command        tool {ours:7.1f} ms  docker exec {hand:7.1f} ms  ratio {ours / hand:.2f}  "
        f"wanted under {ALLOWED_RATIO}",
        f"{SESSIONS} new sandboxes   up   {first:7.1f} s   once more   {again:7.1f} s   wanted under {ALLOWED_S:.0f} s",
    ]


def run() -> list[str]:
    """The table's lines."""
    if subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        return ["Docker does not answer: not measured"]
    with tempfile.TemporaryDirectory(prefix="clawfleet-bench-") as folder:
        return asyncio.run(_measure(Path(folder), sandbox_image()))
