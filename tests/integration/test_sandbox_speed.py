"""A sandboxed command costs little more than `docker exec`, and many sandboxes are soon up."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import sandbox
from tests.integration.sandboxed_agent import SandboxedAgent
from tests.support.images import sandbox_image

pytestmark = [pytest.mark.docker, pytest.mark.full]


async def test_a_command_takes_no_longer_than_docker_itself(tmp_path: Path) -> None:
    """The ratio of one run, in which both take turns."""
    agent = SandboxedAgent(tmp_path, sandbox_image())
    try:
        ours, hand = await sandbox.round_trips(agent)
    finally:
        await agent.close()
    assert ours <= sandbox.ALLOWED_RATIO * hand


async def test_twenty_sessions_begin_at_once(tmp_path: Path) -> None:
    """Each in a container of its own."""
    agent = SandboxedAgent(tmp_path, sandbox_image(), scope="session")
    try:
        first, again = await sandbox.first_commands(agent)
    finally:
        await agent.close()
    assert first < sandbox.ALLOWED_S
    assert again < sandbox.ALLOWED_S / 3
