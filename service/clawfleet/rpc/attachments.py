"""Pictures that come with a message, as clients send them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from clawfleet.core.errors import RequestError
from clawfleet.core.messages import Image
from clawfleet.rpc.registry import Params


class Attachment(Params):
    """A picture that goes with a message; `content` is base64."""

    type: str | None = None
    mime_type: str | None = None
    file_name: str | None = None
    content: Any = None


def images_of(attachments: Sequence[Attachment]) -> tuple[Image, ...]:
    """The pictures. Raises `RequestError` for what is none."""
    return tuple(_image(item) for item in attachments)


def _image(item: Attachment) -> Image:
    if not isinstance(item.content, str) or not (item.mime_type or "").startswith("image/"):
        raise RequestError(
            f"attachment {item.file_name or '(unnamed)'} is not a base64 image",
            hint="send mimeType image/* and content",
        )
    try:
        base64.b64decode(item.content, validate=True)
    except binascii.Error as error:
        raise RequestError(f"attachment {item.file_name or '(unnamed)'} is not valid base64") from error
    return Image(item.mime_type or "image/png", item.content)
