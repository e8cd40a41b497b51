"""One gateway for the tests of a module that do not change it: the demo model, and the fake provider's by agent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes.openai.behaviours import NAMED
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayProcess
from tests.support.protocol_client import connected

HTTP_ON = {"gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}}}


def agents_of_fake(fake: FakeOpenAI) -> dict[str, Any]:
    """A config whose agents are named for the fake's behaviours; `main` is the demo, `hasty-…` have little patience."""
    provider = fake.provider(*NAMED)
    entries: dict[str, Any] = {"main": {"default": True, "model": "demo/echo"}}
    entries |= {name: {"model": f"fake/{name}"} for name in NAMED}
    entries |= {f"hasty-{name}": {"model": f"hasty/{name}"} for name in NAMED}
    providers = {"fake": provider, "hasty": provider | {"timeoutSeconds": 1}}
    return {**HTTP_ON, "models": {"providers": providers}, "agents": {"entries": entries}}


@dataclass
class Station:
    """A running gateway and the provider behind it."""

    gateway: GatewayProcess
    fake: FakeOpenAI

    def connect(self, **over: Any) -> Any:
        """A socket that is let in."""
        return connected(self.gateway.ws_url, self.gateway.token, **over)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A gateway for a whole module. Use session keys of your own."""
    with openai_in_process() as fake:
        process = GatewayProcess(
            tmp_path_factory.mktemp("station"), agents_of_fake(fake), env={"CLAWFLEET_DEMO_WORD_DELAY_MS": "1"}
        )
        try:
            yield Station(process.start(), fake)
        finally:
            process.kill()
