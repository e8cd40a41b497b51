"""Fixtures and hooks of all tests: what a test needs, what it may start, and what was not run and why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import images
from tests.support.fake_openai import FakeOpenAI, openai_in_container, openai_in_process
from tests.support.fake_telegram import TelegramControl, telegram_in_container, telegram_in_process
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.parallel import ByModule, turn_of
from tests.support.requirements import CHECKS, need, not_run, required

# The helper container that testcontainers would start needs an image from a registry; fixtures end what they start.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
if any(os.environ.get(name) for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")):
    # A developer's way to the rest of the world; what tests start is on this machine.
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{os.environ.get('no_proxy', '')},localhost,127.0.0.1,::1"


def pytest_configure() -> None:
    """Refuses a CLAWFLEET_REQUIRE that names an unknown part before any test runs."""
    try:
        required()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first; within a module the order stays."""
    items.sort(key=lambda item: turn_of(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    """Several processes share the run module by module."""
    return ByModule(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test whose marker names a missing part is skipped, or failed, before its fixtures start anything."""
    for name in CHECKS:
        if item.get_closest_marker(name):
            need(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end what was not run and how to have it run."""
    reports = terminalreporter.stats.get("skipped", [])
    lines = not_run([report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)])
    if lines:
        terminalreporter.section("not run")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayFactory]:
    """Starts gateways: `gateway({"agents": {...}})`; all of them end with the test."""
    started: list[GatewayProcess] = []

    def start(
        config: Mapping[str, Any] | None = None, *, env: Mapping[str, str] | None = None, wait: bool = True
    ) -> GatewayProcess:
        home: Path = tmp_path_factory.mktemp("gateway")
        process = GatewayProcess(home, config, env=env)
        started.append(process)
        return process.start(wait=wait)

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def fake_openai() -> Iterator[FakeOpenAI]:
    """A fake OpenAI-compatible provider inside this process."""
    with openai_in_process() as fake:
        yield fake


@pytest.fixture(scope="session")
def fake_openai_container() -> Iterator[FakeOpenAI]:
    """The same fake as a container, one for the whole run; `reset()` it before you read from it."""
    need("docker")
    with openai_in_container() as fake:
        yield fake


@pytest.fixture
def fake_telegram() -> Iterator[TelegramControl]:
    """A fake Telegram Bot API with two bots inside this process."""
    with telegram_in_process() as fake:
        yield fake


@pytest.fixture(scope="session")
def fake_telegram_container() -> Iterator[TelegramControl]:
    """The same fake as a container, one for the whole run; `reset()` it before you read from it."""
    need("docker")
    with telegram_in_container() as fake:
        yield fake


@pytest.fixture(scope="session")
def sandbox_image() -> str:
    """The name of the image that tools run in, built if this content was not built before."""
    need("docker")
    return images.sandbox_image()
