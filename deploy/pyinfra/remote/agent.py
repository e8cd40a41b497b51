"""Runs on a host, as root: answers one verb of the control machine with one line of JSON. See control/reach.py."""

from __future__ import annotations

import importlib
import json
import signal
import sys
from typing import Any

from plainly import Plainly

ANSWERS = {
    "survey": "survey.survey",
    "questions": "questions.answers",
    "run": "questions.run",
    "before": "obstacles.before",
    "lock": "deploy_lock.take",
    "unlock": "deploy_lock.release",
    "holder": "deploy_lock.holder",
    "restart": "verbs.restart",
    "start": "verbs.start",
    "stop": "verbs.stop",
    "rollback": "verbs.rollback",
    "backup": "archives.backup",
    "restore": "archives.restore",
    "uninstall": "removal.uninstall",
}
"""Verb → the function that answers it. Only its module is loaded: a look at a host is done fifty times at once."""


def main(verb: str, order: Any) -> None:
    """Prints the answer. A connection that is cut must not stop work half way."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    module, _, function = ANSWERS[verb].partition(".")
    with Plainly():
        answer = getattr(importlib.import_module(module), function)(order)
    sys.stdout.write(json.dumps({"answer": answer}) + "\n")
