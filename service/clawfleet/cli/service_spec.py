"""What the service of an instance should look like, from its config, its paths and what its file says already.

Asks the file system only for who owns the state dir and where the `openclaw` program is.
"""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from clawfleet.config.env import Instance, gateway_port
from clawfleet.config.load import Snapshot
from clawfleet.config.redacted import is_secret_name
from clawfleet.host.definitions import Definition
from clawfleet.host.service_search import account_home
from clawfleet.host.services import Daemon
from clawfleet.host.units import (
    LABEL_VARIABLE,
    REPAIR_POLICY,
    UNIT_VARIABLE,
    WRAPPER_VARIABLE,
    UnitLimits,
    UnitSpec,
    environment,
)

UNCONFIGURED = "--allow-unconfigured"
HANDED_ON = (
    "OPENCLAW_HOME",
    "OPENCLAW_WORKSPACE_DIR",
    "OPENCLAW_INCLUDE_ROOTS",
    "OPENCLAW_CONFIG_READONLY",
    "OPENCLAW_LOG_LEVEL",
    "OPENCLAW_SKIP_CHANNELS",
)
"""Settings of this shell that the service needs to be the same instance. None of them is a secret."""


def spec_of(instance: Instance, snapshot: Snapshot, service: Daemon, written: Definition | None = None) -> UnitSpec:
    """The service as it should be, with this command's program; limits and additions of `written`, if it is ours."""
    kept = written if written is not None and is_ours(written) else None
    given = {name: value for name in HANDED_ON if (value := instance.given_environ.get(name))}
    spec = UnitSpec(
        unit=service.label,
        scope=service.scope,
        profile=instance.profile or "",
        port=gateway_port(instance, snapshot.config)[0],
        program=str(program()),
        home=str(account_home(instance)),
        state_dir=str(instance.state_dir),
        config_path=str(instance.config_path),
        user=owner_of(instance) if service.scope == "system" else "",
        env=given,
        limits=kept.limits if kept else UnitLimits(stop_timeout_s=service.stop_timeout_s),
        writable=(snapshot.config.agents.defaults.workspace or str(instance.workspace),),
        arguments=(UNCONFIGURED,) if kept and UNCONFIGURED in kept.command else (),
        is_deployed=kept is not None and kept.environment.get(REPAIR_POLICY) == "external",
    )
    return replace(spec, env=_additions(spec, kept) | given) if kept else spec


def keeping(spec: UnitSpec, written: Definition) -> UnitSpec:
    """`spec` with the program that is registered, as long as it is there: only `install --force` moves a service."""
    return replace(spec, program=written.program) if Path(written.program).exists() else spec


def with_wrapper(spec: UnitSpec, wrapper: str) -> UnitSpec:
    """`spec` started by another program, which ends in `exec openclaw "$@"`."""
    return replace(spec, program=wrapper, env={**spec.env, WRAPPER_VARIABLE: wrapper})


def is_ours(written: Definition) -> bool:
    """Whether a definition is one that this gateway writes: a program, `gateway`, its port."""
    return written.command[1:2] == ("gateway",)


def program() -> Path:
    """The `openclaw` of this installation, as a service can start it."""
    beside = Path(sys.executable).with_name("openclaw")
    if beside.exists():
        return beside
    found = shutil.which("openclaw")
    return Path(found).absolute() if found else beside


def owner_of(instance: Instance) -> str:
    """The user whose gateway this is: who owns its state dir, or the home that it will be made in."""
    for place in (instance.state_dir, account_home(instance)):
        if place.exists():
            return pwd.getpwuid(place.stat().st_uid).pw_name
    return pwd.getpwuid(os.getuid()).pw_name


def _additions(spec: UnitSpec, written: Definition) -> dict[str, str]:
    """What somebody added to the environment of our service. Secrets do not belong there and are left out."""
    ours = environment(spec).keys() | {UNIT_VARIABLE, LABEL_VARIABLE, REPAIR_POLICY}
    return {
        name: value
        for name, value in written.environment.items()
        if name not in ours and not is_secret_name(name, "vars")
    }
