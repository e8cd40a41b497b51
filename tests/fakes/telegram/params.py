"""The parameters of a Bot API call, whichever way they came: JSON, form, multipart or query."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.fakes.telegram.errors import bad_request


class Params:
    """Values by name. Forms carry everything as text, and nested values as JSON text; both readings are understood."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def text(self, name: str, default: str = "") -> str:
        """A text; numbers count as text too."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """A whole number. Raises BotApiError 400 for anything else."""
        value = self.values.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        """Whether a flag is given and true."""
        return str(self.values.get(name, "")).lower() in {"true", "1"}

    def nested(self, name: str) -> Any:
        """A list or object, or None when it is not given. Raises BotApiError 400 for text that is no JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None


async def read_params(request: web.Request) -> Params:
    """The call's parameters; those of the body win over those of the query."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        body = await request.json()
        if not isinstance(body, dict):
            raise bad_request("the body must be an object")
        values |= body
    elif request.can_read_body:
        values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return Params(values)
