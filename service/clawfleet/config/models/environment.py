"""`env`: variables for `${NAME}` and for provider keys, below the process environment and .env."""

from pydantic import Field

from clawfleet.config.models.base import Section, Text


class EnvSection(Section):
    """Variables written into the config file. They never override the environment or a .env file."""

    vars: dict[str, Text] = Field(
        {}, repr=False, description="Variables by name. Keys directly below `env` are read too."
    )
