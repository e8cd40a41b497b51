"""`view_image`: pictures among the session's files, shown or described to the model. Source: tools-and-sessions §2."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated

from pydantic import AliasChoices, Field

from clawfleet.core.errors import GatewayError, ToolError
from clawfleet.core.messages import Image, ToolSpec
from clawfleet.tools.arguments import Arguments, Plain
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.desk import Desk
from clawfleet.tools.failures import BadArguments
from clawfleet.tools.files.access import FileAccess, Files
from clawfleet.tools.files.read import image_type
from clawfleet.tools.seat import Seat

MB = 1024 * 1024
MOST_MB = 10
MOST_ALL_BYTES = 24 * MB
MOST_IMAGES = 20
QUESTION = "Describe what is to be seen."


class ViewImageArguments(Arguments):
    """What a model may ask of view_image."""

    path: Annotated[
        Plain | None, Field(validation_alias=AliasChoices("path", "image", "file_path"), description="A picture file.")
    ] = None
    paths: Annotated[
        list[Plain],
        Field(default_factory=list, validation_alias=AliasChoices("paths", "images"), description="Several of them."),
    ]
    prompt: Annotated[str | None, Field(description="What to look for.")] = None
    max_bytes_mb: Annotated[
        float, Field(gt=0, le=MOST_MB, validation_alias="maxBytesMb", description="Largest file in MB; default 5.")
    ] = 5
    max_images: Annotated[
        int, Field(ge=1, le=MOST_IMAGES, validation_alias="maxImages", description="Most pictures; default 20.")
    ] = MOST_IMAGES
    model: Annotated[str | None, Field(description="Model that is to describe them instead.")] = None


class ViewImageTool:
    """Shows pictures. `sees`: the model that asks sees them itself, else the agent's image model describes them."""

    spec = ToolSpec(
        name="view_image",
        description="Look at pictures (png, jpeg, gif, webp) among the session's files.",
        parameters=ViewImageArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, access: FileAccess, desk: Desk, *, sees: bool) -> None:
        self._access = access
        self._desk = desk
        self._sees = sees

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The pictures, or what another model says of them. Raises `BadArguments`, `ToolError`."""
        asked = ViewImageArguments.read(self.spec.name, arguments)
        paths = list(dict.fromkeys([*([asked.path] if asked.path else []), *asked.paths]))
        if not paths:
            raise BadArguments("view_image needs path or paths.")
        if len(paths) > asked.max_images:
            raise BadArguments(f"view_image shows at most {asked.max_images} pictures at once; {len(paths)} are named.")
        images = await self._load(self._access.of(context), paths, int(asked.max_bytes_mb * MB))
        rows = [{"path": path, "mimeType": image.media_type} for path, image in zip(paths, images, strict=True)]
        names = "\n".join(f"[{row['mimeType']}] {row['path']}" for row in rows)
        if self._sees and asked.model is None:
            return ToolResult(names, details={"images": rows}, images=images)
        try:
            said = await self._desk.describe(context.agent_id, asked.prompt or QUESTION, images, asked.model)
        except ToolError:
            raise
        except GatewayError as error:
            raise ToolError(f"The pictures could not be described: {error.message}", hint=error.hint) from None
        return ToolResult(f"{names}\n\n{said}", details={"images": rows, "described": True})

    async def _load(self, files: Files, paths: list[str], limit: int) -> tuple[Image, ...]:
        images: list[Image] = []
        left = MOST_ALL_BYTES
        for path in paths:
            data = await files.fetch(path, min(limit, left))
            left -= len(data)
            kind = image_type(data[:16])
            if kind is None:
                raise ToolError(f"{path} is no picture that can be shown (png, jpeg, gif, webp).")
            images.append(Image(kind, b64encode(data).decode()))
        return tuple(images)


def for_seat(seat: Seat) -> Tool | None:
    """view_image, where somebody can look: the model itself, or another one for it."""
    eyes = seat.desk.eyes(seat.model, seat.agent_id) if seat.desk else None
    return ViewImageTool(seat.files, seat.desk, sees=eyes == "own") if seat.desk and eyes else None
