"""`logging`: how much is written, where, and what is blacked out."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from clawfleet.config.models.base import Section, Text, Whole

Level = Literal["silent", "fatal", "error", "warn", "info", "debug", "trace"]


class Logging(Section):
    """The gateway's log."""

    level: Level = Field("info", description="Least severity written to the log file.")
    levels: dict[str, Level] = Field(
        {}, description="Other severities by subsystem, as it stands in the log: `channels.telegram`, or `channels`."
    )
    file: Text | None = Field(
        None,
        description="Log file; YYYY-MM-DD in its name is the day. Unset: /tmp/openclaw/openclaw-YYYY-MM-DD.log.",
    )
    max_file_bytes: Annotated[Whole, Field(ge=1024)] = Field(
        104_857_600, description="Size at which the file is set aside; the last two are kept, and 14 days."
    )
    console_level: Level | None = Field(None, description="Least severity on the console. Unset: level.")
    console_style: Literal["pretty", "compact", "json"] = Field("pretty", description="How the console's lines look.")
    redact_patterns: tuple[Text, ...] = Field(
        (), description="Further regular expressions whose matches are blacked out."
    )

    @field_validator("redact_patterns")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression: {pattern} ({error})") from error
        return patterns
