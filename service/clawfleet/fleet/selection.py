"""Which gateways a command is about: all of them, or those that `--limit` names. An empty choice is an error."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase

from clawfleet.core.errors import RequestError
from clawfleet.fleet.instance import GatewayInstance


class NothingSelectedError(RequestError):
    """A limit names no gateway of the fleet; doing nothing must not look like success."""

    code = "NOTHING_SELECTED"
    exit_code = 3


def selected(instances: Sequence[GatewayInstance], limits: Sequence[str]) -> tuple[GatewayInstance, ...]:
    """The gateways that the limits name, in the order of the file; all of them without a limit.

    A limit is `host` or `host/gateway`, with `*` for any text. Raises NothingSelectedError for a limit that names none.
    """
    for limit in limits:
        if not any(_names(limit, item) for item in instances):
            known = [*{item.host: None for item in instances}, *(item.id for item in instances)]
            near = difflib.get_close_matches(limit, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are: {', '.join(known[:20])}"
            raise NothingSelectedError(f"--limit {limit} names no host and no gateway of the fleet", hint=hint)
    return tuple(item for item in instances if not limits or any(_names(limit, item) for limit in limits))


def the_one(instances: Sequence[GatewayInstance], limits: Sequence[str]) -> GatewayInstance:
    """The single gateway that the limits name. Raises NothingSelectedError when there are several."""
    found = selected(instances, limits)
    if len(found) != 1:
        raise NothingSelectedError(
            f"this is about one gateway, and {len(found)} are meant",
            hint="name one: " + ", ".join(item.id for item in found[:10]),
        )
    return found[0]


def _names(limit: str, item: GatewayInstance) -> bool:
    return fnmatchcase(item.id if "/" in limit else item.host, limit)
