"""The background service of an instance: its state, where it drifted from the config, and a second one of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clawfleet.cli.checks.finding import Finding, Severity
from clawfleet.cli.checks.mend_service import mend_of
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.service_report import phase_text, stranger_in_place
from clawfleet.cli.service_spec import owner_of
from clawfleet.host.service_search import all_services, others
from clawfleet.host.systemd import lingers


def state(scene: Scene) -> Iterator[Finding]:
    """A service that is registered and does not run; that there is none is no fault."""
    service = scene.service.state
    if service is None or not service.is_installed or service.phase == "running":
        return
    hint = (scene.service.hint or "Fix: openclaw gateway start").partition(": ")[2]
    failed = service.gave_up or service.exit_code not in (None, 0, 143) or bool(service.exit_signal)
    otherwise: Severity = "info" if scene.service.reason == "stopped" else "warning"
    yield Finding(
        "service.not_running",
        "error" if failed else otherwise,
        f"The service does not run: {phase_text(scene.service)}",
        scene.shown(service.file),
        fix=hint,
    )


def drift(scene: Scene) -> Iterator[Finding]:
    """Each thing in which the service's file and the config disagree."""
    service, found = scene.service.state, scene.service.drift
    mend = mend_of(scene.context) if found else None
    for one in found:
        fix = one.message.rpartition(": ")[2] if "openclaw " in one.message else ""
        check_id = f"service.{one.code.replace('-', '_')}"
        is_mended = mend is not None and one.code != "not-reloaded"
        yield Finding(
            check_id,
            "warning",
            one.message,
            scene.shown(service.file) if service else "",
            fix="openclaw doctor --fix, then openclaw gateway restart" if is_mended else fix,
            mend=mend if is_mended else None,
        )


def holder(scene: Scene) -> Iterator[Finding]:
    """Another gateway than the service's on the service's port."""
    problem, mend = stranger_in_place(scene.service, scene.occupant, scene.instance.home)
    if problem:
        yield Finding("service.not_the_holder", "error", problem, "gateway.port", fix=mend.removeprefix("Fix: "))


def twice(scene: Scene) -> Iterator[Finding]:
    """Two services for one state directory: whichever starts second fails, at every boot."""
    mine = [one for one in all_services(scene.instance) if _is_here(scene, one.state_dir)]
    if len(mine) > 1:
        names = ", ".join(f"{one.label} ({one.scope})" for one in mine)
        yield Finding(
            "service.duplicate",
            "error",
            f"{len(mine)} services serve this state directory: {names}",
            scene.shown(scene.instance.state_dir),
            evidence=", ".join(scene.shown(one.file) for one in mine),
            fix="openclaw gateway uninstall, then openclaw gateway install",
        )


def linger(scene: Scene) -> Iterator[Finding]:
    """A user's service on a host that ends it when the user logs out."""
    service = scene.service.state
    if service is None or not service.is_installed or service.kind != "systemd user":
        return
    user = owner_of(scene.instance)
    if not lingers(user):
        text = "The gateway stops when its user logs out, and does not start with the machine."
        yield Finding("service.linger_off", "warning", text, user, fix=f"sudo loginctl enable-linger {user}")


def strangers(scene: Scene) -> Iterator[Finding]:
    """Other gateway-like services of this host; one whose program is gone fails at every boot."""
    for one in others(scene.instance):
        severity = "warning" if one.is_broken else "info"
        yield Finding(
            "service.other_broken" if one.is_broken else "service.other",
            "warning" if severity == "warning" else "info",
            f"Another gateway-like service: {one.describe()}",
            scene.shown(one.file),
        )


def _is_here(scene: Scene, state_dir: str) -> bool:
    return Path(state_dir).resolve() == scene.instance.state_dir.resolve()
