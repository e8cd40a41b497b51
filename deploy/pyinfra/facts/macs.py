"""What only a Mac has to be asked."""

from __future__ import annotations

import shlex

from pyinfra.api import FactBase


class LinkedPython(FactBase[str | None]):
    """The version of the Python behind a link, `3.12`; None when there is none that runs."""

    def command(self, link: str) -> str:
        look = "import sys; print('%d.%d' % sys.version_info[:2])"
        place = shlex.quote(link)
        return f"[ -x {place} ] && {place} -c {shlex.quote(look)} || true"

    def process(self, output: list[str]) -> str | None:
        return output[0] if output else None


class MacUserHome(FactBase[str | None]):
    """Home directory of a user; None when there is no such user."""

    def command(self, user: str) -> str:
        return f"dscl . -read /Users/{shlex.quote(user)} NFSHomeDirectory 2>/dev/null || true"

    def process(self, output: list[str]) -> str | None:
        return output[0].partition(": ")[2] or None if output else None
