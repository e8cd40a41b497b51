"""What a session's next turn is to know besides what people say: noted by clients and clocks, read once.

Kept in memory only, as in the original: after a restart a note is about a world that is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from clawfleet.core.clock import iso_time, now_ms

MOST_PER_SESSION = 20
MOST_SESSIONS = 1000


@dataclass(frozen=True, slots=True)
class SystemEvent:
    """One note and when it came."""

    text: str
    at_ms: int


class SystemEvents:
    """The notes of every session that wait for a turn; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[SystemEvent]] = {}

    def note(self, session_key: str, text: str) -> None:
        """Keep `text` for the session's next turn; the same note twice in a row is one."""
        line = " ".join(text.split())
        notes = self._waiting.pop(session_key, [])
        if not notes or notes[-1].text != line:
            notes.append(SystemEvent(line, now_ms()))
        self._waiting[session_key] = notes[-MOST_PER_SESSION:]
        while len(self._waiting) > MOST_SESSIONS:
            del self._waiting[next(iter(self._waiting))]

    def waiting(self, session_key: str) -> tuple[SystemEvent, ...]:
        """The notes that the session's next turn will get, oldest first."""
        return tuple(self._waiting.get(session_key, ()))

    def take(self, session_key: str) -> str | None:
        """The waiting notes as part of a prompt, None without any; they wait no longer."""
        notes = self._waiting.pop(session_key, [])
        if not notes:
            return None
        return "\n".join(["# System events", *(f"- [{iso_time(note.at_ms)}] {note.text}" for note in notes)])
