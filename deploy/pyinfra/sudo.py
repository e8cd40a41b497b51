"""Becoming root on a host: without a password, or with one that travels on standard input and nowhere else.

pyinfra's own way puts the password on the command line of `env`, where every process list on the host shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mends import last_words

BEGIN = "--- begin ---"
"""The line after which a command's own input starts; a password that sudo did not want stands before it."""

TRIED_ONCE = "IFS= read -r p; printf '%s\\n' \"$p\" | sudo -k -S -p '' true || exit 1; unset p; "
BECOME = f'exec sudo -H -S -p \'\' sh -c \'while IFS= read -r l; do [ "$l" = "{BEGIN}" ] && exec "$@"; done\' sh "$@"'
WITHOUT = 'said=$(sudo -n true 2>&1) || { echo "refused: $said" >&2; exit 1; }'
# The line must not be sudo's own: pyinfra would ask whoever sits at the terminal, and use the answer in its own way.


def as_root(words: Sequence[str], *, proven: bool = False) -> list[str]:
    """The command as root, with `prelude` on its standard input.

    Unless it is `proven`, the password is tried once before sudo gets it together with other input: sudo would take
    the next lines for further attempts, and a host may lock the account after three.
    """
    return ["sh", "-c", ("IFS= read -r p; " if proven else TRIED_ONCE) + BECOME, "sh", *words]


def prelude(password: str) -> str:
    """What comes before a command's own standard input."""
    return f"{password}\n{password}\n{BEGIN}\n"


def become_root(host: Any, password: str | None) -> str:
    """Why a connected pyinfra host does not let its login become root; empty when it does.

    With a password, the host's commands get it from here on; no argument, output or file of pyinfra has it.
    """
    from pyinfra.api import StringCommand

    if not host.data.get("_sudo"):
        return ""
    if password:
        plain = host.connector.run_shell_command
        ok, output = knowing(password, plain, proven=False)(StringCommand("true"), _sudo=True)
        host.connector.run_shell_command = knowing(password, plain, proven=True)
    else:
        ok, output = host.connector.run_shell_command(StringCommand(WITHOUT))
    return "" if ok else last_words(output.stderr.replace("refused: ", "")) or "no answer"


def knowing(password: str, run: Callable[..., Any], *, proven: bool) -> Callable[..., Any]:
    """A connector's `run_shell_command` whose sudo is ours."""
    from pyinfra.api import QuoteString, StringCommand
    from pyinfra.connectors.util import make_unix_command

    def run_shell_command(command: Any, *shown: bool, **arguments: Any) -> Any:
        if arguments.pop("_sudo", False):
            inner = {name: arguments.pop(name) for name in ("_env", "_chdir") if name in arguments}
            words = [QuoteString(word) for word in as_root((), proven=proven)]
            command = StringCommand(*words, make_unix_command(command, **inner))
            arguments["_stdin"] = [prelude(password).rstrip("\n"), *given(arguments.get("_stdin"))]
        return run(command, *shown, **arguments)

    return run_shell_command


def given(stdin: Any) -> list[str]:
    """The lines that an operation gives to its command."""
    lines = stdin.readlines() if hasattr(stdin, "readlines") else stdin
    return list(lines) if isinstance(lines, list | tuple) else [lines] if lines else []
