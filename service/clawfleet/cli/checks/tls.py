"""The certificate that the gateway serves with."""

from __future__ import annotations

from collections.abc import Iterator

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.core.clock import now_ms
from clawfleet.host.tls_files import RENEW, WARN_DAYS, TlsFiles, TlsUnusable, check_tls


def certificate(scene: Scene) -> Iterator[Finding]:
    """A certificate that cannot be served with, is about to expire, or is not the one that is served with."""
    assert scene.snapshot is not None
    section = scene.snapshot.config.gateway.tls
    try:
        found = check_tls(section, scene.instance)
    except TlsUnusable as error:
        yield Finding("tls.unusable", "error", error.message, "gateway.tls", fix=error.hint or "")
        return
    if found is None:
        return
    path, running = scene.shown(TlsFiles.of(section, scene.instance).cert), scene.running
    if found.days_left(now_ms()) < WARN_DAYS:
        yield Finding("tls.expires", "warning", f"The certificate expires on {found.last_day}.", path, fix=RENEW)
    served = running.tls_fingerprint if running else None
    if served and served != found.fingerprint:
        yield Finding(
            "tls.not_renewed",
            "warning",
            "The gateway serves with another certificate than the file holds now.",
            path,
            evidence=f"sha256 {served}",
            fix="openclaw gateway restart",
        )
