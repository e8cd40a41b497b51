"""Runs on a host, as root: answers one verb of the control machine with one line of JSON. See control/reach.py."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from typing import Any

import archives
import deploy_lock
import obstacles
import removal
import survey
import verbs

ANSWERS: dict[str, Callable[[Any], Any]] = {
    "survey": survey.survey,
    "before": obstacles.before,
    "lock": deploy_lock.take,
    "unlock": deploy_lock.release,
    "holder": lambda order: deploy_lock.look(),
    "restart": verbs.restart,
    "rollback": verbs.rollback,
    "backup": archives.backup,
    "restore": archives.restore,
    "uninstall": removal.uninstall,
}


def main(verb: str, order: Any) -> None:
    """Prints the answer. A connection that is cut must not stop work half way."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    answer = ANSWERS[verb](order)
    sys.stdout.write(json.dumps({"answer": answer}) + "\n")
