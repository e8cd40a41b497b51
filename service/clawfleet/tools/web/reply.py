"""What a web server answered, before anybody read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """The last answer, after redirects: `url` is where it came from. `cut`: the body had more than is kept."""

    url: str
    status: int
    content_type: str
    charset: str | None
    body: bytes
    cut: bool = False
