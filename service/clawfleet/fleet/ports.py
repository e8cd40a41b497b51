"""Which port each gateway gets: declared ones stay, the others are spaced so that derived ports never meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clawfleet.config.ports import DEFAULT_PORT, PORT_STEP

LAST_DERIVED = 110
"""A base port P also claims P+2 (browser control) and P+11 … P+110 (CDP). Source: deploy §3.2."""

EPHEMERAL = range(32768, 61000)
"""Ports that Linux hands out by itself; a gateway there may find its port taken after a restart."""


def allocate_ports(declared: Mapping[str, int | None], remembered: Mapping[str, int]) -> dict[str, int]:
    """Gateway name → port for one host, in the order of `declared`.

    A declared port wins. Otherwise the remembered one of an earlier run stays, so that taking one gateway out does
    not renumber the others. Otherwise the first free place in steps of 120 from 18789; places that are remembered
    for gateways no longer in the file stay reserved, as such a gateway may still run on the host.
    """
    given = {name: port for name, port in declared.items() if port is not None}
    kept = {name: port for name, port in remembered.items() if declared.get(name) is None}
    taken = [*given.values(), *kept.values()]
    ports = {}
    for name, port in declared.items():
        chosen = port or kept.get(name) or _first_free(taken)
        taken.append(chosen)
        ports[name] = chosen
    return ports


def overlap(one: int, other: int) -> bool:
    """Whether the derived ports of two base ports meet."""
    return abs(one - other) <= LAST_DERIVED


def _first_free(taken: Iterable[int]) -> int:
    port = DEFAULT_PORT
    occupied = list(taken)
    while any(overlap(port, other) for other in occupied):
        port += PORT_STEP
    return port
