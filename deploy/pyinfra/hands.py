"""The door from `openclaw fleet` to the recipes: `python hands.py '{"verb": "status", …}'`; ends with the exit code.

A verb is one module of `control/` with a function `run(order) -> int`; it is imported when it is asked for.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from clawfleet.core.errors import GatewayError, HostError
from clawfleet.fleet.problems import FleetInvalidError
from control.macs import learn_systems
from control.order import Order, complain, print_json, say

VERBS = {
    "check": "control.check",
    "plan": "control.plan",
    "drift": "control.plan",
    "deploy": "control.deploy",
    "rollback": "control.unit_verbs",
    "restart": "control.unit_verbs",
    "start": "control.unit_verbs",
    "stop": "control.unit_verbs",
    "status": "control.status",
    "logs": "control.streams",
    "exec": "control.streams",
    "tunnel": "control.tunnel",
    "scrape": "control.scrape",
    "backup": "control.archives",
    "restore": "control.archives",
    "uninstall": "control.uninstall",
    "lock": "control.locks",
}

LOOKS = ("check", "plan", "status", "scrape", "lock")
"""Whoever reads what these print may have seen enough; what changes hosts has then been broken off."""
BROKEN_OFF = 141
"""As a shell counts a program that a closed pipe has ended."""


def main(arguments: Sequence[str]) -> int:
    """Runs one verb. An expected failure becomes text and its exit code."""
    given = json.loads(arguments[0])
    order = Order(
        verb=given["verb"],
        fleet=Path(given["fleet"]) if given.get("fleet") else None,
        limits=tuple(given.get("limits", ())),
        as_json=bool(given.get("json")),
        options=given.get("options", {}),
    )
    try:
        if order.verb != "check":
            learn_systems(order.path)
        code: int = importlib.import_module(VERBS[order.verb]).run(order)
        return code
    except FleetInvalidError as error:
        say(error.report())
        if order.as_json:
            print_json({"ok": False, "problems": [problem.row() for problem in error.problems]})
        return error.exit_code
    except GatewayError as error:
        return failed(order, error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0 if order.verb in LOOKS else BROKEN_OFF
    except OSError as error:
        if not error.filename:
            raise
        hint = f"look at it: ls -ld {error.filename}"
        return failed(order, HostError(f"{error.filename}: {error.strerror}", hint=hint))


def failed(order: Order, error: GatewayError) -> int:
    """Tells people and programs; its exit code."""
    complain(error)
    if order.as_json:
        print_json({"ok": False, "error": {"code": error.code, "message": error.message, "hint": error.hint}})
    return error.exit_code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
