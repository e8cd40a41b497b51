"""Python on a Mac, as shell text: which one there is, and how Homebrew brings one. Nothing is run here.

A shell over ssh has neither of Homebrew's directories in its PATH, and `python3` may be a stub that opens a dialog:
only interpreters with their version in the name count.
"""

from __future__ import annotations

import shlex

MAC_PATH = "PATH=/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")

PICK = (
    f"{MAC_PATH}; export PATH; for p in {' '.join(NAMES)}; do "
    'command -v "$p" >/dev/null && exec "$p" "$@"; done; echo "python3: not found" >&2; exit 127'
)
"""Runs the words after it with the newest Python that there is."""


def with_python(*words: str) -> list[str]:
    """A command line that runs Python with these words."""
    return ["sh", "-c", PICK, "python", *words]


def brewed(version: str) -> str:
    """Has Homebrew install that Python where it is missing; must not run as root. Ends with what is missing."""
    python, formula = f"python{version}", f"python@{version}"
    no_brew = f"there is no {python} and no Homebrew here: install one of them, https://brew.sh or https://python.org"
    brew = (
        f"command -v brew >/dev/null || {{ echo {shlex.quote(no_brew)} >&2; exit 1; }}; brew install --quiet {formula}"
    )
    return f"{MAC_PATH}; export PATH; command -v {python} >/dev/null || {{ {brew}; }} >&2"


def linked(version: str, link: str) -> str:
    """Points the link at that Python."""
    place = shlex.quote(link)
    find = f"{MAC_PATH}; export PATH; p=$(command -v python{version})"
    return f'{find} && mkdir -p {shlex.quote(link.rpartition("/")[0])} && ln -sfn "$p" {place}'
