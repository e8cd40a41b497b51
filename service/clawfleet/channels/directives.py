"""What an agent may write into its answer for the channel instead of the reader. Pure. Source: channels §2.12."""

from __future__ import annotations

import re
from dataclasses import dataclass

SILENT = re.compile(r"(?:^|\n)\s*NO_REPLY\s*$", re.IGNORECASE)
REPLY_TO = re.compile(r"\[\[\s*reply_to(?:_current|\s*:\s*(?P<id>[^\]\s]+))\s*\]\][ \t]*")


@dataclass(frozen=True, slots=True)
class ReplyText:
    """An answer without its directives; an empty text means: say nothing.

    `reply_to` is the message that the answer quotes: its id, `""` for the one that is answered, None for none.
    """

    text: str
    reply_to: str | None = None


def read_reply(answer: str) -> ReplyText:
    """The text to send and the message it asks to quote; the first such request counts."""
    found = REPLY_TO.search(answer)
    text = SILENT.sub("", REPLY_TO.sub("", answer)).strip("\n")
    return ReplyText(text if text.strip() else "", (found["id"] or "") if found else None)
