"""`env`: variables for `${NAME}` and for provider keys, below the process environment and .env."""

from pydantic import Field

from clawfleet.config.models.base import Flag, Section, Text, Whole


class ShellEnv(Section):
    """Whether the login shell is asked for what nobody else sets."""

    enabled: Flag = Field(False, description="Ask the login shell for keys of providers, channels and the gateway.")
    timeout_ms: Whole = Field(15_000, gt=0, description="Longest it may take, in milliseconds.")


class EnvSection(Section):
    """Variables written into the config file. They never override the environment or a .env file."""

    vars: dict[str, Text] = Field(
        {}, repr=False, description="Variables by name. Keys directly below `env` are read too."
    )
    shell_env: ShellEnv = Field(ShellEnv(), description="The login shell as the last place to look.")
