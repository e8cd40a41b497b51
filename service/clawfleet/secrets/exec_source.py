"""Secrets from a program: names go in, values come out, once for all names of one provider.

Source: config-and-cli §8.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clawfleet.secrets.file_source import SecretUnavailable

PROTOCOL_VERSION = 1


@dataclass(frozen=True, slots=True)
class SecretProgram:
    """A program that hands out secrets, and what it is started with: nothing of the environment but `pass_env`."""

    provider: str
    command: Path
    args: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_ms: int = 5000
    max_output_bytes: int = 1024 * 1024
    json_only: bool = True
    trusted_dirs: tuple[Path, ...] = ()


def ask_program(program: SecretProgram, ids: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The values that it has of `ids`; what it has not is left out. Raises SecretUnavailable."""
    _check(program)
    question = {"protocolVersion": PROTOCOL_VERSION, "provider": program.provider, "ids": list(ids)}
    output = _run(program, json.dumps(question).encode(), environ)
    try:
        answer = json.loads(output)
    except ValueError:
        if program.json_only or len(ids) != 1:
            raise SecretUnavailable(f"{program.command} did not answer in JSON") from None
        return {ids[0]: output.decode("utf-8", "replace").rstrip("\r\n")}
    if not isinstance(answer, dict) or answer.get("protocolVersion") != PROTOCOL_VERSION:
        raise SecretUnavailable(f"{program.command} does not speak version {PROTOCOL_VERSION} of the protocol")
    values = answer.get("values")
    given = values if isinstance(values, dict) else {}
    return {name: value for name in ids if isinstance(value := given.get(name), str) and value}


def _run(program: SecretProgram, question: bytes, environ: Mapping[str, str]) -> bytes:
    env = {name: environ[name] for name in program.pass_env if name in environ} | dict(program.env)
    with tempfile.TemporaryFile() as output:  # a file takes all that it says; a pipe would have to be watched
        try:
            done = subprocess.run(  # the operator named it, by its whole path
                [str(program.command), *program.args],
                input=question,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=env,
                timeout=program.timeout_ms / 1000,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SecretUnavailable(f"{program.command} did not answer within {program.timeout_ms} ms") from None
        except OSError as error:
            raise SecretUnavailable(f"cannot run {program.command}: {error.strerror}") from None
        if done.returncode:
            raise SecretUnavailable(f"{program.command} ended with {done.returncode}")
        output.seek(0)
        text = output.read(program.max_output_bytes + 1)
    if len(text) > program.max_output_bytes:
        raise SecretUnavailable(f"{program.command} said more than {program.max_output_bytes} bytes")
    return text


def _check(program: SecretProgram) -> None:
    """Raise SecretUnavailable unless the program is one that nobody else can have put there."""
    command = program.command
    if not command.is_absolute():
        raise SecretUnavailable(f"{command} is not a whole path")
    try:
        status = command.stat()
    except OSError as error:
        raise SecretUnavailable(f"cannot run {command}: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode) or status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
        raise SecretUnavailable(f"{command} must be a file of yours or of root that nobody else may change")
    dirs = [folder.resolve() for folder in program.trusted_dirs]
    if dirs and not any(command.resolve().is_relative_to(folder) for folder in dirs):
        raise SecretUnavailable(f"{command} lies outside its trustedDirs")
