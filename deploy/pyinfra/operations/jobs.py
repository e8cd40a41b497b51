"""Jobs of launchd that are the recipes' own: loaded as wanted, or gone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation
from pyinfra.api.operation import OperationMeta

from facts.jobs import OwnJob, OwnJobs
from operations.gateways import pending
from shell import Commands, python, script


@operation()
def loaded_job(label: str, after: Sequence[OperationMeta]) -> Commands:
    """launchd has the job as its property list says now; `after` are the operations that placed it."""
    changed = any(pending(earlier) or (earlier.is_complete() and earlier.did_change()) for earlier in after)
    if host.get_fact(OwnJob, label=label) == "loaded" and not changed:
        host.noop(f"{label} is loaded")
        return
    yield asked("load", label)


@operation()
def no_job(label: str) -> Commands:
    """There is no such job."""
    if host.get_fact(OwnJob, label=label) == "none":
        host.noop(f"there is no {label}")
    else:
        yield asked("remove", label)


@operation()
def no_other_jobs(directory: str, prefix: str, wanted: Sequence[str]) -> Commands:
    """No job in the directory begins with the prefix but those that are wanted."""
    others = [label for label in host.get_fact(OwnJobs, directory=directory, prefix=prefix) if label not in wanted]
    if not others:
        host.noop(f"no superfluous {prefix}*")
    for label in others:
        yield asked("remove", label)


def asked(verb: str, label: str) -> StringCommand:
    """What `remote/own_job.py` is asked."""
    return StringCommand(f"{python()} {script('own_job')} {verb} {shlex.quote(label)}")
