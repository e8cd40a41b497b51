"""Runs on a Mac: a job of the recipes' own, a timer or a tunnel. Standard library only.

own_job.py state LABEL     `loaded`, `there` when only its property list is, or `none`
own_job.py load LABEL      as its property list says now; exit 1 says what went wrong
own_job.py remove LABEL
"""

from __future__ import annotations

import sys

from mac_removal import own_job, own_jobs, remove_own_job
from plainly import Plainly


def state(label: str) -> str:
    """Whether launchd has it."""
    if own_job(label).show()["SubState"] not in {"not loaded", "disabled"}:
        return "loaded"
    return "there" if (own_jobs() / f"{label}.plist").exists() else "none"


def main(verb: str, label: str) -> None:
    """See the module's first lines."""
    if verb == "state":
        print(state(label))
    elif verb == "remove":
        remove_own_job(label)
    elif trouble := own_job(label).restart():
        raise SystemExit(trouble)


if __name__ == "__main__":
    with Plainly():
        main(sys.argv[1], sys.argv[2])
