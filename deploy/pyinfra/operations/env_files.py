"""A gateway's `.env`: the fleet's variables, and what becomes of those that somebody else put there."""

from __future__ import annotations

import hashlib
import json
import shlex

from pyinfra import host
from pyinfra.api import StringCommand, operation

from clawfleet.fleet.instance import GatewayInstance
from facts.gateways import EnvFile
from facts.placed import FileState, PlacedFile
from layout import stamp_path
from shell import Commands, HiddenText, Target, as_user, forget, python, refuse, script, write_command

MODE = "600"


@operation()
def env_file(instance: GatewayInstance, content: HiddenText) -> Commands:
    """The file holds the fleet's variables, readable by its user only; `envUnknown` says what becomes of others.

    Their names are told, never a value.
    """
    names, target = variables(content), Target(instance.env_path, instance.os_user, MODE)
    wanted = hashlib.sha256(content.text.encode()).hexdigest()
    # The usual case, in which nobody has to look into the file.
    if host.get_fact(PlacedFile, path=target.path, owner=target.owner) == FileState(MODE, target.owner, wanted):
        host.noop(f"{target.path} is as wanted")
        return
    found = host.get_fact(EnvFile, owner=instance.os_user, env=instance.env_path, names=names)
    unknown = found.unknown if found else ()
    if unknown and instance.env_unknown == "fail":
        yield refuse(
            f"{instance.id}: {instance.env_path} holds {', '.join(unknown)}, which the fleet file does not know: "
            "add them to `secrets`, or say `envUnknown: keep` or `drop`"
        )
        return
    keeps = instance.env_unknown == "keep"
    if keeps and found and found.mode == MODE and found.known == wanted:
        host.noop(f"{target.path} is as wanted, and holds {', '.join(unknown)} besides")
        return
    yield from forget(stamp_path(instance))
    if unknown and keeps:
        write = f"exec {python()} {shlex.join([script('own_env'), 'write', instance.env_path, *names])}"
        yield StringCommand(as_user(instance.os_user, write), _stdin=content.text)
    else:
        yield write_command(target, content)
    if unknown:
        note = {"id": instance.id, "outcome": "kept" if keeps else "dropped", "variables": unknown}
        yield StringCommand(f"echo {shlex.quote(json.dumps(note))}")


def variables(content: HiddenText) -> list[str]:
    """The names in a text that `env_file.render_env` made: one variable in each line."""
    return [line.partition("=")[0] for line in content.text.splitlines()]
