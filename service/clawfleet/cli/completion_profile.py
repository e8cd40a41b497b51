"""The lines of a shell's start-up file that load our completion. Pure."""

from __future__ import annotations

import re
import shlex

TITLE = "# OpenClaw Completion"
_BLOCK = re.compile(rf"^{re.escape(TITLE)}\n[^\n]*\n?", re.MULTILINE)


def block(script: str) -> str:
    """What loads the script at this path, and nothing when it is gone."""
    path = shlex.quote(script)
    return f"{TITLE}\n[ -f {path} ] && source {path}\n"


def with_block(text: str, script: str) -> str:
    """The start-up file with our block in it once: where it was, else at the end."""
    ours = block(script)
    if _BLOCK.search(text):
        first, *rest = _BLOCK.split(text)
        return first + ours + "".join(rest)
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{ours}"


def without_block(text: str, script: str) -> str:
    """The start-up file without the block that loads this script; one for another script stays."""
    return text.replace(block(script), "")
