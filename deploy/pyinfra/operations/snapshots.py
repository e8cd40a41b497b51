"""The state of a gateway is kept before another release touches it."""

from __future__ import annotations

import json
import shlex

from pyinfra import host
from pyinfra.api import StringCommand, operation

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Rollout
from facts.placed import LinkTarget
from layout import current_link, places_of
from operations.gateways import by
from shell import Commands, python, script
from specs import gate_spec, unit_spec


@operation()
def kept_state(instance: GatewayInstance, release: str, rollout: Rollout) -> Commands:
    """A verified archive, made by the release that runs now, where the gateway is about to get another one."""
    found = host.get_fact(LinkTarget, path=current_link(instance))
    if found in {None, places_of(instance).release(release)}:
        host.noop(f"the release of {instance.id} stays")
        return
    spec = {**unit_spec(instance), **gate_spec(instance, rollout), "id": instance.id, "by": by()}
    spec |= {"env": instance.env_path}
    yield StringCommand(f"{python()} {script('snapshots')} take {shlex.quote(json.dumps(spec))}")
