"""What the control machine's environment says of the fleet to work on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent


def _default_wheelhouse() -> Path:
    """`wheelhouse` where one types, else in the checkout that these recipes belong to."""
    here = Path("wheelhouse").absolute()
    return here if here.is_dir() else HERE.parents[1] / "wheelhouse"


def _default_cache() -> Path:
    return Path.home() / ".cache" / "clawfleet"


class Settings(BaseSettings):
    """CLAWFLEET_FLEET, _WHEELHOUSE and _CACHE, as absolute paths; an empty variable counts as none."""

    model_config = SettingsConfigDict(env_prefix="CLAWFLEET_", env_ignore_empty=True, validate_default=True)

    fleet: Annotated[Path, AfterValidator(Path.absolute)] = HERE / "fleet.json5"
    wheelhouse: Annotated[Path, AfterValidator(Path.absolute)] = Field(default_factory=_default_wheelhouse)
    cache: Annotated[Path, AfterValidator(Path.absolute)] = Field(default_factory=_default_cache)
    """What is made anew when it is gone: archives of images on their way to hosts."""
