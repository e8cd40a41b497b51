"""`logging`: how much is written, where, and what is blacked out."""

import re
from typing import Literal

from pydantic import Field, field_validator

from clawfleet.config.models.base import Section, Text

Level = Literal["silent", "fatal", "error", "warn", "info", "debug", "trace"]


class Logging(Section):
    """The gateway's log."""

    level: Level = Field("info", description="Least severity written to the log file.")
    file: Text | None = Field(None, description="Log file. Unset: /tmp/openclaw/openclaw-YYYY-MM-DD.log.")
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
