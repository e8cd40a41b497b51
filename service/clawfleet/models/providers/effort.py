"""How hard a model is asked to think, in the gateway's own levels; each wire API says it in its own way. Pure.

Source: models-and-auth §4.3.
"""

from __future__ import annotations

from clawfleet.models.providers.base import Endpoint, Sampling

OFF = "off"
LEVELS = (OFF, "minimal", "low", "medium", "high", "xhigh", "max")
DEFAULT = "medium"


def level_of(sampling: Sampling, endpoint: Endpoint) -> str | None:
    """The level for a model that reasons; None for one that does not, which must not be told of any."""
    if not endpoint.reasoning:
        return None
    wanted = (sampling.reasoning_effort or DEFAULT).strip().lower()
    if wanted == "none":
        return OFF
    return wanted if wanted in LEVELS else DEFAULT
