"""What keeps a service from running, as the service sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.cli.context import CliContext
from clawfleet.cli.service_trouble import service_instance, trouble
from clawfleet.core.errors import GatewayError
from clawfleet.host.definitions import Definition
from tests.support.fake_service import FakeDaemon, StandInGateway
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def service(home: Home, port: int) -> Iterator[FakeDaemon]:
    fake = FakeDaemon(home.root / "openclaw-gateway.service", home.store_dir)
    fake.file.write_text(
        f"[Service]\nExecStart=/bin/openclaw gateway --port {port}\nEnvironment=OPENCLAW_SERVICE_MARKER=openclaw "
        f"OPENCLAW_SERVICE_KIND=gateway OPENCLAW_STATE_DIR={home.state_dir} OPENCLAW_GATEWAY_PORT={port}\n"
    )
    home.write_config('{"gateway": {"mode": "local"}}')
    yield fake
    fake.kill()


def found(home: Home, service: FakeDaemon, **environ: str) -> GatewayError | None:
    return trouble(CliContext(environ=home.environ | environ, cwd=home.root), service)


def test_nothing_is_wrong_with_a_good_config_and_a_free_port(home: Home, service: FakeDaemon) -> None:
    assert found(home, service) is None
    service.start()
    assert found(home, service) is None, "its own process is not in its way"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{ broken", "Invalid config"),
        ('{"gateway": {"mode": "remote"}}', "set gateway.mode=local"),
        ('{"gateway": {"mode": "local", "bind": "lan"}}', "Refusing to bind gateway to lan"),
        ('{"gateway": {"mode": "local", "auth": {"token": "${SHELL_ONLY}"}}}', "gateway.auth.token needs SHELL_ONLY"),
        ('{"gateway": {"mode": "local", "auth": {"mode": "password"}}}', "no password is configured"),
    ],
)
def test_what_makes_it_end_with_78(home: Home, service: FakeDaemon, config: str, message: str) -> None:
    """The variables of the person who asks do not help the service."""
    home.write_config(config)
    error = found(home, service, SHELL_ONLY="here")
    assert error is not None
    assert message in error.message
    assert error.exit_code == 78


def test_another_gateway_on_the_port_is_to_be_taken_over(
    home: Home, service: FakeDaemon, port: int, tmp_path: Path
) -> None:
    other = StandInGateway(tmp_path / "old" / "clawfleet", port)
    try:
        error = found(home, service)
        assert error is not None
        assert f"pid {other.pid}" in error.message
        assert (error.hint or "").startswith("let the service take over: openclaw gateway takeover")
    finally:
        other.kill()


def test_a_gateway_of_the_state_dir_on_another_port_too(home: Home, service: FakeDaemon) -> None:
    other = StandInGateway(home.store_dir)
    try:
        error = found(home, service)
        assert error is not None
        assert f"gateway already running (pid {other.pid})" in error.message
        assert error.hint == "let the service take over: openclaw gateway takeover"
    finally:
        other.kill()


def test_the_service_has_its_own_environment(home: Home) -> None:
    context = CliContext(environ=home.environ | {"OPENAI_API_KEY": "x"}, cwd=home.root)
    seen = service_instance(context, Definition(environment={"OPENCLAW_STATE_DIR": "/srv/x"}))
    assert "OPENAI_API_KEY" not in seen.environ
    assert seen.state_dir == Path("/srv/x")
    assert service_instance(context, None) is context.instance
