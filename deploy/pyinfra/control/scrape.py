"""`scrape`: the file that tells Prometheus where all gateways are, and the tokens that it shows them."""

from __future__ import annotations

import json
from pathlib import Path

from clawfleet.core.errors import RequestError
from clawfleet.fleet.instance import TOKEN_NAME
from clawfleet.fleet.problems import FleetInvalidError
from clawfleet.fleet.scrape import TOKENS, out_of_reach, scrape_config, token_file
from clawfleet.fleet.selection import selected
from control.order import Order, print_json, say
from fleet_file import examine
from operator_files import write_whole

FILE = "clawfleet.yml"


class NoSuchHostError(RequestError):
    """`--from` names no host of the fleet."""

    code = "NO_SUCH_HOST"
    exit_code = 3


def run(order: Order) -> int:
    """0 when Prometheus reaches all of them, 1 when it does not: those are named. Contacts nobody."""
    found = examine(order.path)
    if not found.is_sound:
        raise FleetInvalidError(found.path.name, found.problems)
    instances = selected(found.instances, order.limits)
    where = order.options.get("from")
    if where is not None and where not in found.fleet.hosts:
        raise NoSuchHostError(f"--from {where}: no such host", hint=f"one of: {', '.join(found.fleet.hosts)}")
    config = scrape_config(found.fleet, instances, where)
    if out := order.options.get("out"):
        values = found.sources.keep(found.values)
        tokens = {token_file(item): values.get((item.id, TOKEN_NAME), "") for item in instances}
        write(Path(str(out)), config, tokens)
        say(f"{len(config['scrape_configs'])} gateways in {Path(str(out)) / FILE}")
    else:
        print_json(config)
    missed = out_of_reach(found.fleet, instances, where)
    for name in missed:
        say(f"{name}: nothing leads there: run Prometheus on its host (--from), or give --from's host a tunnel")
    return 1 if missed else 0


def write(folder: Path, config: dict[str, object], tokens: dict[str, str]) -> None:
    """The scrape file (JSON is YAML) and the token files beside it, for their owner alone."""
    (folder / TOKENS).mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, token in tokens.items():
        write_whole(folder / name, token, 0o600)
    write_whole(folder / FILE, json.dumps(config, indent=2) + "\n")
