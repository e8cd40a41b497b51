"""How the Bot API says no."""

from __future__ import annotations

from typing import Any


class BotApiError(Exception):
    """Answered as `{"ok": false, ...}` with the status as HTTP status; `parameters` may carry `retry_after`."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        body = {"ok": False, "error_code": self.status, "description": str(self)}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(what: str) -> BotApiError:
    """400 with the prefix that the real API uses."""
    return BotApiError(400, f"Bad Request: {what}")
