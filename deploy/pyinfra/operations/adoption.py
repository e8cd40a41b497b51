"""A gateway that somebody installed by hand becomes the fleet's."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from clawfleet.fleet.instance import GatewayInstance
from facts.gateways import MadeByHand
from operations.gateways import by
from shell import Commands, python, script
from specs import adoption_spec


@operation()
def adopted_gateway(instance: GatewayInstance, files: Sequence[tuple[str, str, str]]) -> Commands:
    """Unit, `.env` and config as they were are kept, so that all can be put back; what comes next replaces them."""
    spec = adoption_spec(instance, files)
    if host.get_fact(MadeByHand, spec=json.dumps(spec)):
        asked = shlex.quote(json.dumps({**spec, "by": by()}))
        yield StringCommand(f"{python()} {script('adoption')} take {asked}")
    else:
        host.noop(f"nobody else's gateway is at the place of {instance.id}")
