"""Who asked for something, and where: what policies go by. Comes from a channel or a connection, never from a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Self

WEBCHAT = "webchat"
"""The channel of whoever is connected to the gateway itself."""


@dataclass(frozen=True, slots=True)
class Requester:
    """One sender on one channel. `chat_id` is the conversation, `chat_type` its kind (`direct`, `group`, `channel`).

    An owner may change what the gateway does; who `may_approve` answers what waits for a yes. `orders` are directives
    for this one message (`elevated`, `security`, `ask`). Travels with the durable input as text: `encode` and `decode`.
    """

    channel: str
    account: str | None = None
    chat_type: str | None = None
    chat_id: str | None = None
    sender_id: str | None = None
    name: str | None = None
    username: str | None = None
    e164: str | None = None
    is_owner: bool = False
    may_approve: bool = False
    orders: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> str:
        """The requester as JSON text."""
        return json.dumps({key: value for key, value in asdict(self).items() if value}, ensure_ascii=False)

    @classmethod
    def decode(cls, text: str) -> Self:
        """The requester that `encode` wrote."""
        return cls(**json.loads(text))
