"""Docker and the sandbox image in the fleet file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models.docker import Docker, SandboxImage


def test_nothing_is_installed_unless_asked() -> None:
    """An empty section lets users into a Docker that is there."""
    assert Docker().install is False
    assert (SandboxImage().image, SandboxImage().build, SandboxImage().keep) == (
        "openclaw-sandbox:bookworm-slim", "control", 2,
    )  # fmt: skip


@pytest.mark.parametrize("image", ["no-tag", "a:b c", "$(reboot):x", "-x:y", "a:b\n"])
def test_an_image_is_a_name_and_a_tag(image: str) -> None:
    with pytest.raises(ValidationError):
        SandboxImage.model_validate({"image": image})
