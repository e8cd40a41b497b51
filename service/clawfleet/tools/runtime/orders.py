"""What people and the model ask of one command, made one with the config. Decides only.

Who is no owner can only make it stricter, and so can the model. Source: tools-and-sessions §3.3 and §11.
"""

from __future__ import annotations

from typing import Literal, cast

from clawfleet.config.models.root import Config
from clawfleet.config.models.tools import ExecConfig
from clawfleet.tools.exec_policy import ASKS, SECURITIES, Ask, Security, wanted
from clawfleet.tools.subject import Subject

Host = Literal["auto", "sandbox", "gateway"]


def config_for(config: Config, subject: Subject) -> ExecConfig:
    """How commands of a session run: the agent's keys over the gateway's, and what was asked for over both."""
    entry = config.agents.entries.get(subject.agent_id)
    own = entry.tools.exec if entry and entry.tools else ExecConfig()
    merged = config.tools.exec.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})
    wish, asked = subject.occasion.wish, subject.occasion.requester
    if wish.host in ("auto", "sandbox", "gateway"):
        merged = merged.model_copy(update={"host": cast(Host, wish.host)})
    return restricted(merged, wish.security, wish.ask, may_loosen=asked is not None and asked.is_owner)


def restricted(config: ExecConfig, security: str | None, ask: str | None, *, may_loosen: bool = False) -> ExecConfig:
    """`config` with another security and ask; without `may_loosen` the stricter ones count."""
    if security not in SECURITIES and ask not in ASKS:
        return config
    held = wanted(config)
    new: tuple[Security, Ask] = (
        security if security in SECURITIES else held[0],
        ask if ask in ASKS else held[1],
    )
    if not may_loosen:
        new = (min(new[0], held[0], key=SECURITIES.index), max(new[1], held[1], key=ASKS.index))
    return config.model_copy(update={"mode": None, "security": new[0], "ask": new[1]})
