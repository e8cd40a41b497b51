"""`diagnostics`: what the gateway tells of its own work."""

from pydantic import Field

from clawfleet.config.models.base import Flag, OpenSection


class Diagnostics(OpenSection):
    """Figures for who watches gateways."""

    enabled: Flag = Field(True, description="Answer scrapes of /metrics, to who shows the gateway's secret.")
