"""All checks, in the order in which they are told. To add one: a function in a file of this folder, and a row here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from clawfleet.cli.checks import (
    auth,
    channels,
    config_file,
    devices,
    env_file,
    gateway,
    leftovers,
    machine,
    models,
    modes,
    plaintext,
    probe,
    sandbox,
    service,
    store,
    tls,
    tools,
)
from clawfleet.cli.checks.finding import RANK, Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.output import addressed
from clawfleet.core.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `needs_config`: it looks at a valid config; `is_security`: `security audit` asks it too."""

    name: str
    run: Callable[[Scene], Iterable[Finding]]
    needs_config: bool = False
    is_security: bool = False
    is_deep: bool = False


CHECKS: tuple[Check, ...] = (
    Check("config/validity", config_file.validity),
    Check("config/start", config_file.start_gate, needs_config=True),
    Check("config/remarks", config_file.remarks, needs_config=True),
    Check("env/lines", env_file.lines),
    Check("env/readable", env_file.readable_by_gateway),
    Check("env/changed", env_file.changed_since_start),
    Check("gateway/lock", gateway.lock),
    Check("gateway/port-owner", gateway.port_owner),
    Check("gateway/port-moved", gateway.port_moved, needs_config=True),
    Check("gateway/version", gateway.version),
    Check("gateway/certificate", tls.certificate, needs_config=True, is_security=True),
    Check("gateway/answers", probe.answers, is_security=True, is_deep=True),
    Check("store/version", store.version),
    Check("store/integrity", store.integrity, is_deep=True),
    Check("service/state", service.state),
    Check("service/drift", service.drift),
    Check("service/holder", service.holder),
    Check("service/twice", service.twice),
    Check("service/linger", service.linger),
    Check("service/others", service.strangers, is_deep=True),
    Check("auth/secret", auth.auth, needs_config=True, is_security=True),
    Check("auth/exposure", auth.exposure, needs_config=True, is_security=True),
    Check("devices/waiting", devices.waiting),
    Check("devices/own-tokens", devices.own_tokens),
    Check("models/credentials", models.credentials, needs_config=True),
    Check("models/defaults", models.defaults, needs_config=True),
    Check("channels/tokens", channels.tokens, needs_config=True),
    Check("channels/openness", channels.openness, needs_config=True, is_security=True),
    Check("tools/lists", tools.lists, needs_config=True),
    Check("sandbox/docker", sandbox.docker, needs_config=True),
    Check("sandbox/mounts", sandbox.mounts, needs_config=True, is_security=True),
    Check("sandbox/unused", sandbox.unused_settings, needs_config=True, is_security=True),
    Check("config/plaintext", plaintext.plaintext, needs_config=True, is_security=True),
    Check("files/modes", modes.modes, is_security=True),
    Check("files/owners", modes.owners, is_security=True),
    Check("files/links", modes.links, is_security=True),
    Check("files/set-aside", leftovers.set_aside),
    Check("files/old-credentials", leftovers.old_credentials),
    Check("files/original", leftovers.original_state),
    Check("machine/disk", machine.disk),
    Check("machine/clock", machine.clock),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the checks found, worst first, and how many were run."""

    findings: tuple[Finding, ...]
    run: int
    skipped: int

    @property
    def ok(self) -> bool:
        """Whether nothing is an error."""
        return self.count("error") == 0

    def count(self, severity: str) -> int:
        """How many findings are of this severity."""
        return sum(finding.severity == severity for finding in self.findings)


def examine(scene: Scene, checks: Iterable[Check] = CHECKS) -> Outcome:
    """What `checks` find; those that need a config, or to be `deep`, are skipped without.

    A check that fails is a finding itself: one that cannot look must not keep the others from being heard.
    """
    found: list[Finding] = []
    run = skipped = 0
    for check in checks:
        if (check.needs_config and scene.snapshot is None) or (check.is_deep and not scene.deep):
            skipped += 1
            continue
        run += 1
        try:
            found += check.run(scene)
        except (GatewayError, OSError) as error:
            hint = error.hint if isinstance(error, GatewayError) else None
            found.append(Finding("doctor.cannot_look", "error", str(error), check.name, fix=hint or ""))
        except ImportError as error:
            text = f"The installation is incomplete: {error}"
            found.append(
                Finding("doctor.incomplete", "error", text, check.name, fix="install clawfleet again with pip")
            )
    flags = scene.context.flags
    found = [replace(finding, fix=addressed(finding.fix, flags)) for finding in found]
    return Outcome(tuple(sorted(found, key=lambda finding: RANK[finding.severity])), run, skipped)
