"""The whole file as one typed, frozen value."""

from pydantic import Field

from clawfleet.config.models.agents import Agents
from clawfleet.config.models.auth import Auth
from clawfleet.config.models.base import Section
from clawfleet.config.models.bindings import Binding
from clawfleet.config.models.channels import Channels
from clawfleet.config.models.commands import Commands
from clawfleet.config.models.diagnostics import Diagnostics
from clawfleet.config.models.environment import EnvSection
from clawfleet.config.models.gateway import Gateway
from clawfleet.config.models.logging import Logging
from clawfleet.config.models.mcp import Mcp
from clawfleet.config.models.memory import Memory
from clawfleet.config.models.providers import Models
from clawfleet.config.models.secrets import Secrets
from clawfleet.config.models.session import Session
from clawfleet.config.models.skills import Skills
from clawfleet.config.models.tools import ToolsConfig


class Config(Section):
    """What the operator wrote, checked, with every default in place."""

    gateway: Gateway = Field(Gateway(), description="The front door.")
    agents: Agents = Field(Agents(), description="Who answers.")
    models: Models = Field(Models(), description="Where models come from.")
    auth: Auth = Field(Auth(), description="Stored credentials of model providers.")
    channels: Channels = Field(Channels(), description="Messaging platforms.")
    bindings: tuple[Binding, ...] = Field(
        (), description="Which agent answers what comes from where; the most specific rule wins. Else the default one."
    )
    tools: ToolsConfig = Field(ToolsConfig(), description="Which tools are on offer.")
    mcp: Mcp = Field(Mcp(), description="Servers whose tools agents may use.")
    memory: Memory = Field(Memory(), description="What agents remember beyond their sessions.")
    skills: Skills = Field(Skills(), description="Instructions that agents find as files.")
    session: Session = Field(Session(), description="Which messages share one conversation.")
    logging: Logging = Field(Logging(), description="The gateway's log.")
    diagnostics: Diagnostics = Field(Diagnostics(), description="Figures for who watches gateways.")
    env: EnvSection = Field(EnvSection(), description="Variables.")
    secrets: Secrets = Field(Secrets(), description="Where secrets are kept.")
    commands: Commands = Field(Commands(), description="Control commands in chats.")
