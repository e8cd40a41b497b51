"""One gateway's config and unit: the operations that decide whether it must be restarted, and do it."""

from __future__ import annotations

import getpass
import json
import shlex
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyinfra import host
from pyinfra.api import StringCommand, operation
from pyinfra.api.operation import OperationMeta

from clawfleet.fleet.instance import GatewayInstance
from facts.gateways import ConfigState, GatewayUnit, Obstacles, both_lines
from layout import current_link, overlay_path, owned_path, places_of, stamp_path
from shell import Commands, as_user, forget, python, refuse, script
from specs import config_words, obstacle_spec, unit_spec


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a gateway shall run: release and its version, a hash over everything it reads at start, and its gate.

    `parts` names what the hash is made of, without secrets; `files` are (path, owner, mode) of what belongs to it.
    """

    release: str
    version: str
    fingerprint: str
    gate: Mapping[str, Any]
    parts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[tuple[str, str, str], ...] = ()


@operation()
def unclaimed_gateway(instance: GatewayInstance) -> Commands:
    """Nothing on the host is in the way: no other process on the port, no unit or data that someone else put there.

    Fails the host before anything of the gateway is written (deploy §5, phase B).
    """
    found = host.get_fact(Obstacles, spec=json.dumps(obstacle_spec(instance)))
    if found:
        yield refuse("\n".join(f"{instance.id}: {obstacle}" for obstacle in found))
    else:
        host.noop(f"nothing is in the way of {instance.id}")


@operation()
def owned_config(instance: GatewayInstance, release: str, overlay: OperationMeta) -> Commands:
    """openclaw.json says what the fleet owns, and no more what it owned once; what people wrote besides stays.

    `overlay` is the operation that placed the owned keys on the host.
    """
    newer = f"{places_of(instance).release(release)}/bin/python"
    now, former = overlay_path(instance), owned_path(instance)
    found = host.get_fact(
        ConfigState,
        owner=instance.os_user,
        config=config_words(instance),
        records=(now, former),
        pythons=[newer, f"{current_link(instance)}/bin/python"],
    )
    if found == "equal" and not pending(overlay):
        host.noop(f"{instance.config_path} says what the fleet owns")
    elif found not in {"equal", "differs", "unknown"}:
        yield refuse(f"{instance.id}: {found}")
    else:
        yield from forget(stamp_path(instance))
        write = as_user(
            instance.os_user, f"exec {shlex.join([newer, script('own_config'), 'write', *config_words(instance)])}"
        )
        yield StringCommand(f"{both_lines(now, former)} | ( {write} )")
        yield StringCommand(f"cp -p {shlex.quote(now)} {shlex.quote(former)}")


@operation()
def gated_gateway(instance: GatewayInstance, wanted: Wanted, after: Sequence[OperationMeta]) -> Commands:
    """The unit is enabled and runs with what is wanted; proven by the gate, recorded only then.

    The restart depends on state and not on what this run changed: what runs is recorded in a stamp, which every
    operation of `after` removes before it changes something. A run that broke off is thus made up for by the next.
    """
    found = host.get_fact(GatewayUnit, spec=json.dumps(unit_spec(instance)))
    restart = found is None or not found.active or found.applied != wanted.fingerprint
    restart = restart or any(pending(earlier) for earlier in after)
    if found and found.enabled and found.healthy and not found.stale and not restart:
        host.noop(f"{instance.unit} runs as wanted")
        return
    if found and found.parked:  # should it not come up, it is stopped again
        yield from forget(stamp_path(instance))
    failing = list(found.failing or ()) if found else []
    yield apply(instance, wanted, {"enabled": True, "restart": restart, "before": failing})


@operation()
def parked_gateway(instance: GatewayInstance, wanted: Wanted, after: Sequence[OperationMeta]) -> Commands:
    """The unit is stopped and disabled, all that belongs to it is as wanted; recorded, so that it can be told."""
    found = host.get_fact(GatewayUnit, spec=json.dumps(unit_spec(instance)))
    is_stopped = found is not None and found.parked and not found.active and not found.enabled
    if found and is_stopped and found.applied == wanted.fingerprint and not any(pending(earlier) for earlier in after):
        host.noop(f"{instance.unit} is stopped as wanted")
    else:
        yield apply(instance, wanted, {"enabled": False})


def apply(instance: GatewayInstance, wanted: Wanted, how: Mapping[str, Any]) -> StringCommand:
    """Tells the host's script what to make of the unit."""
    wish = {
        **unit_spec(instance),
        **how,
        "id": instance.id,
        "env": instance.env_path,
        "applied": wanted.fingerprint,
        "release": wanted.release,
        "version": wanted.version,
        **wanted.gate,
        "target": places_of(instance).release(wanted.release),
        "parts": dict(wanted.parts),
        "files": wanted.files,
        "by": by(),
    }
    return StringCommand(f"{python()} {script('gateway_unit')} apply", _stdin=json.dumps(wish))


def by() -> str:
    """Who deploys, for the host's audit log."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def pending(earlier: OperationMeta) -> bool:
    """Whether an operation before this one would change the host, in a run that only looks."""
    return not earlier.is_complete() and earlier.will_change
