"""A service's file that drifted is written anew once; what runs is not touched."""

from __future__ import annotations

from clawfleet.cli.checks.mend_service import RenewServiceFile, is_outdated, mend_of
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.service_door import ServiceDoor
from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home, OpenClaw


def drifted(openclaw: OpenClaw, home: Home, service: FakeDaemon) -> str:
    """Install on a port, then mean another one; the file before."""
    home.write_config(
        f'{{gateway: {{mode: "local", port: {free_port()}, auth: {{token: "0123456789abcdef01234567"}}}}}}'
    )
    done = openclaw("gateway", "install")
    assert done.exit_code == 0, done.output
    openclaw("config", "set", "gateway.port", "19777")
    return service.file.read_text()


def test_the_port_of_the_config_gets_into_the_file(
    openclaw: OpenClaw, home: Home, service: FakeDaemon, look: Look
) -> None:
    before, running = drifted(openclaw, home, service), service.running
    found = look("service/drift")["service.port"]
    assert found.fix.startswith("openclaw doctor --fix")
    assert look("service/drift", fix=True) == {}
    assert "--port 19777" in service.file.read_text()
    assert service.file.with_name(f"{service.file.name}.bak").read_text() == before
    assert service.running is running


def test_the_diff_is_shown_and_the_second_time_nothing_is_done(
    openclaw: OpenClaw, home: Home, service: FakeDaemon, scene: Scene
) -> None:
    drifted(openclaw, home, service)
    mend = mend_of(scene.context)
    assert isinstance(mend, RenewServiceFile)
    assert "+Environment=OPENCLAW_GATEWAY_PORT=19777" in mend.question
    mended = mend.apply()
    assert len(mended.changes) == 1
    assert "+Environment=OPENCLAW_GATEWAY_PORT=19777" in mended.diff
    assert mend.apply().changes == ()
    assert mend_of(scene.context) is None


def test_a_secret_in_the_file_goes_and_is_not_shown(
    openclaw: OpenClaw, home: Home, service: FakeDaemon, look: Look, scene: Scene
) -> None:
    drifted(openclaw, home, service)
    text = service.file.read_text().replace("[Install]", "Environment=OPENAI_API_KEY=plain-key-1\n[Install]", 1)
    service.file.write_text(text)
    assert "service.secret_in_service" in look("service/drift")
    mend = mend_of(scene.context)
    assert mend is not None
    assert "plain-key-1" not in mend.question
    assert look("service/drift", fix=True) == {}
    assert "plain-key-1" not in service.file.read_text()


def test_what_another_supervisor_runs_is_left_alone(
    openclaw: OpenClaw, home: Home, service: FakeDaemon, look: Look, scene: Scene
) -> None:
    drifted(openclaw, home, service)
    home.environ["OPENCLAW_SUPERVISOR_MODE"] = "external"
    assert not is_outdated(ServiceDoor.open(scene.anew().context))
    assert look("service/drift")["service.port"].mend is None


def test_no_service_is_nothing_to_mend(service: FakeDaemon, scene: Scene) -> None:
    assert mend_of(scene.context) is None


def test_launchd_reads_the_file_of_a_job_that_does_not_run(
    openclaw: OpenClaw, home: Home, service: FakeDaemon, scene: Scene
) -> None:
    """A job that runs is left alone: to read its file it would be started anew."""
    drifted(openclaw, home, service)
    service.manager = "launchd"
    mend = mend_of(scene.context)
    assert mend is not None
    service.calls.clear()
    mend.apply()
    assert "load" not in service.calls
    openclaw("config", "set", "gateway.port", "19778")
    service.kill()
    again = mend_of(scene.anew().context)
    assert again is not None
    again.apply()
    assert "load" in service.calls
