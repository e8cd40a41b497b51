"""The commands that there are, how a message is known for one, and its answer."""

from __future__ import annotations

import re
from dataclasses import replace

from clawfleet.agents.commands.approve import APPROVE
from clawfleet.agents.commands.base import Command, Desk, Live, Typed
from clawfleet.agents.commands.compact import COMPACT
from clawfleet.agents.commands.context import CONTEXT
from clawfleet.agents.commands.elevated import ELEVATED
from clawfleet.agents.commands.exec import EXEC
from clawfleet.agents.commands.help import help_for
from clawfleet.agents.commands.model import MODEL
from clawfleet.agents.commands.models import MODELS
from clawfleet.agents.commands.new import NEW, RESET
from clawfleet.agents.commands.queue import QUEUE
from clawfleet.agents.commands.reasoning import REASONING
from clawfleet.agents.commands.send import SEND
from clawfleet.agents.commands.skill import SKILL
from clawfleet.agents.commands.status import STATUS
from clawfleet.agents.commands.stop import STOP
from clawfleet.agents.commands.subagents import KILL, STEER, SUBAGENTS
from clawfleet.agents.commands.think import THINK
from clawfleet.agents.commands.tools import TOOLS
from clawfleet.agents.commands.usage import USAGE
from clawfleet.agents.commands.verbose import VERBOSE
from clawfleet.agents.commands.whoami import WHOAMI
from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.core.messages import Message
from clawfleet.core.requester import WEBCHAT, Requester

_OTHERS = (
    *(APPROVE, CONTEXT, ELEVATED, EXEC, QUEUE, SEND, COMPACT, KILL, MODEL, MODELS, NEW, RESET),
    *(REASONING, SKILL, STATUS, STEER, STOP, SUBAGENTS, THINK, TOOLS, USAGE, VERBOSE, WHOAMI),
)
COMMANDS: tuple[Command, ...] = (*help_for(_OTHERS), *_OTHERS)

_NAMES = {name: command for command in COMMANDS for name in (command.name, *command.aliases)}
_FORM = re.compile(r"/([a-z][a-z0-9_-]*)(?::\s*|\s+|$)(.*)", re.DOTALL | re.IGNORECASE)


def recognise(text: str) -> tuple[Command, str] | None:
    """The command that `text` is, and what stands behind its name; what is none of ours goes to the model."""
    match = _FORM.fullmatch(text.strip())
    if match is None or (command := _NAMES.get(match[1].lower())) is None:
        return None
    return command, match[2].strip()


class Commands:
    """Answers commands."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def read(self, asked: TurnInput) -> TurnInput:
        """`asked` with what its text means: a command, a fresh start, or a message as it is."""
        if not asked.may_command or asked.images or (known := recognise(asked.text)) is None:
            return asked
        command, rest = known
        if command.inline is not None and (found := command.inline(rest)) is not None:
            orders, text = found
            asked_by = asked.requester or Requester(WEBCHAT)
            ordered = replace(asked_by, orders={**asked_by.orders, **orders})
            return self.read(replace(asked, text=text, requester=ordered))
        if command.resets and rest:
            return replace(asked, text=rest, resets=True)
        return replace(asked, command=command.name, resets=command.resets)

    async def answer(self, run: Run, runs: Live) -> Outcome:
        """The outcome of a run whose input is a command. Raises `GatewayError`."""
        known = recognise(run.asked.text)
        assert known is not None
        command, rest = known
        text = await command.answer(Typed(run.session, rest, self._desk, runs, run.asked.requester, run.asked.delivery))
        return Outcome("stop", text=text, visible=text, closing=(Message("assistant", text),))
