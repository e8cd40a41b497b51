"""view_image as a model meets it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import ToolResult
from clawfleet.tools.failures import BadArguments, ToolDenied
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.files.host import HostFloor
from clawfleet.tools.media.view_image import ViewImageTool
from clawfleet.tools.subject import Occasion
from tests.support.desk import CONTEXT, FakeDesk
from tests.unit.tools.test_registry import toolbox

PNG = b"\x89PNG\r\n\x1a\n" + b"rest of it"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk(cast(Sessions, None))


async def view(desk: FakeDesk, home: Path, *, sees: bool = True, **arguments: object) -> ToolResult:
    tool = ViewImageTool(FileAccess(HostFloor(str(home)), confined=True), desk, sees=sees)
    return await tool.run(replace(CONTEXT, workspace=home), arguments)


async def test_a_model_that_sees_is_shown_the_pictures(desk: FakeDesk, tmp_path: Path) -> None:
    """In the order in which they are named, each once."""
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff rest")
    result = await view(desk, tmp_path, path="a.png", paths=["b.jpg", "a.png"])
    assert [image.media_type for image in result.images] == ["image/png", "image/jpeg"]
    assert b64decode(result.images[0].data) == PNG
    assert result.text == "[image/png] a.png\n[image/jpeg] b.jpg"
    assert (await view(desk, tmp_path, image="a.png")).images[0].data == b64encode(PNG).decode()


async def test_a_model_that_does_not_see_reads_what_another_says(desk: FakeDesk, tmp_path: Path) -> None:
    """So does one that asks for another's word."""
    (tmp_path / "a.png").write_bytes(PNG)
    result = await view(desk, tmp_path, sees=False, path="a.png", prompt="how many?")
    assert (result.images, result.text) == ((), "[image/png] a.png\n\n1 seen by None: how many?")
    assert "seen by x/eyes" in (await view(desk, tmp_path, path="a.png", model="x/eyes")).text
    with pytest.raises(ToolError, match="could not be described: unknown model"):
        await view(desk, tmp_path, path="a.png", model="bad/model")


async def test_what_is_no_picture_is_said(desk: FakeDesk, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(ToolError, match="no picture"):
        await view(desk, tmp_path, path="a.txt")
    with pytest.raises(ToolError, match="not found"):
        await view(desk, tmp_path, path="b.png")
    with pytest.raises(ToolDenied):
        await view(desk, tmp_path, path="../b.png")


async def test_everything_has_a_bound(desk: FakeDesk, tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(PNG + b"x" * 200_000)
    with pytest.raises(ToolError, match="too large"):
        await view(desk, tmp_path, path="large.png", maxBytesMb=0.1)
    with pytest.raises(BadArguments, match="at most 1 pictures"):
        await view(desk, tmp_path, paths=["a.png", "b.png"], maxImages=1)
    with pytest.raises(BadArguments, match="needs path or paths"):
        await view(desk, tmp_path)


def test_it_is_offered_where_somebody_can_look(desk: FakeDesk, tmp_path: Path) -> None:
    """By the model that answers."""
    box = toolbox(tmp_path, tools={"allow": ["view_image"]})
    assert "view_image" not in box.offered("main", "agent:main:main")
    box.desk = desk
    for model, offered in ((None, True), ("x/sees", True), ("x/blind", True), ("x/lost", False)):
        tools = box.offered("main", "agent:main:main", Occasion(model=model))
        assert ("view_image" in tools) is offered
