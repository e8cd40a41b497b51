"""`secrets`: who hands out what a SecretRef names. Source: config-and-cli §8."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from clawfleet.config.models.base import Flag, Section, Text, Whole

Millis = Annotated[Whole, Field(ge=1, le=120_000)]
Bytes = Annotated[Whole, Field(ge=1, le=20 * 1024 * 1024)]
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class SecretProvider(Section):
    """The environment, a private file or a program; each has keys of its own."""

    source: Literal["env", "file", "exec"] = Field(description="What it is.")
    allowlist: tuple[Text, ...] | None = Field(None, description="env: only these variables. Unset: every one.")
    path: Text | None = Field(None, min_length=1, description="file: a regular one of mode 0600, no link.")
    mode: Literal["json", "singleValue"] = Field(
        "json",
        description="file: `json`: ids are JSON pointers; `singleValue`: the file is the secret, its id is `value`.",
    )
    max_bytes: Bytes = Field(1024 * 1024, description="file: larger ones are refused.")
    command: Text | None = Field(None, min_length=1, description="exec: the whole path of the program.")
    args: tuple[Text, ...] = Field((), description="exec: its arguments.")
    pass_env: tuple[Text, ...] = Field((), description="exec: variables that it gets from the environment.")
    env: dict[str, Text] = Field({}, repr=False, description="exec: further variables that it gets.")
    timeout_ms: Millis = Field(5000, description="exec: longest it may take; a file is read at once.")
    max_output_bytes: Bytes = Field(1024 * 1024, description="exec: most that it may say.")
    json_only: Flag = Field(True, description="exec: off, what it prints is the secret, for a single id.")
    trusted_dirs: tuple[Text, ...] = Field((), description="exec: directories that the program must lie in.")

    @model_validator(mode="after")
    def _names_its_place(self) -> Self:
        if self.source == "file" and self.path is None:
            raise ValueError('Invalid input: a provider of source "file" needs path')
        if self.source == "exec" and self.command is None:
            raise ValueError('Invalid input: a provider of source "exec" needs command')
        return self


class SecretDefaults(Section):
    """The provider of a ref that names none, by its source."""

    env: Text = Field("default", description="For `env`.")
    file: Text = Field("default", description="For `file`.")
    exec: Text = Field("default", description="For `exec`.")
    store: Text = Field("default", description="For `store`.")


class Secrets(Section):
    """Where secrets are kept."""

    providers: dict[str, SecretProvider] = Field({}, description="Who hands out secrets, by name.")
    defaults: SecretDefaults = Field(SecretDefaults(), description="The provider of a ref that names none.")

    @field_validator("providers")
    @classmethod
    def _plain_names(cls, providers: dict[str, SecretProvider]) -> dict[str, SecretProvider]:
        for name in providers:
            if not _NAME.fullmatch(name):
                raise ValueError(f'provider "{name}" must be lower-case letters, digits, _ and -, at most 64')
        return providers
