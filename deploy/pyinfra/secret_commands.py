"""Secrets that a program of the operator gives: age, sops, 1Password's `op`, or any command. Plaintext stays in memory.

What such a program prints is never shown, also when it fails: it may be half of a secret.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from clawfleet.fleet.env_file import read_env
from clawfleet.fleet.secret_refs import SecretRef

LIMIT_S = 60
KEPT = ("HOME", "PATH", "LANG", "TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
FOR_SOPS = ("SOPS_", "AWS_", "AZURE_", "GOOGLE_", "VAULT_", "GNUPGHOME", "GPG_TTY")
FOR_OP = ("OP_",)


class NoSecretError(Exception):
    """The program did not give the secret; the text says why, without its output. `cure` is what to try."""

    def __init__(self, text: str, cure: str) -> None:
        super().__init__(text)
        self.cure = cure


def decrypted(source: str, path: Path, identity: Path) -> dict[str, str]:
    """Every key of an encrypted `.env` or JSON file. Raises NoSecretError."""
    if source == "age":
        text = printed(["age", "--decrypt", "--identity", str(identity), str(path)])
    else:
        text = printed(["sops", "--decrypt", "--output-type", "json", str(path)], FOR_SOPS)
    return pairs(text)


def pairs(text: str) -> dict[str, str]:
    """The keys of a plaintext, JSON object or `.env`."""
    if not text.lstrip().startswith("{"):
        return read_env(text)
    try:
        tree = json.loads(text)
    except ValueError:
        raise NoSecretError("its plaintext is not JSON", "it must hold one object of strings") from None
    return {key: value for key, value in tree.items() if isinstance(value, str)}


def op_read(address: str) -> str:
    """One field of 1Password, by a service account: nobody is asked on the desktop. Raises NoSecretError."""
    return printed(["op", "read", "--no-newline", address], FOR_OP, {"OP_BIOMETRIC_UNLOCK_ENABLED": "false"})


def told(ref: SecretRef) -> str:
    """What the operator's own command prints, or one key of it. Raises NoSecretError."""
    program = Path(ref.words[0])
    if program.is_symlink() or not program.is_file():
        raise NoSecretError(f"{program} is no program of its own (missing, or a link)", "name the program itself")
    text = printed(list(ref.words), ref.pass_env, limit_s=ref.timeout_s)
    return pairs(text).get(ref.key, "") if ref.key else text.rstrip("\n")


def printed(
    words: Sequence[str],
    passed: Sequence[str] = (),
    more: Mapping[str, str] | None = None,
    limit_s: float = LIMIT_S,
) -> str:
    """Standard output of a program that sees no more of the environment than it needs. Raises NoSecretError.

    `passed` are variables; one that ends in `_` stands for all that begin so.
    """
    families = tuple(name for name in passed if name.endswith("_"))
    known = {*KEPT, *passed}
    environ = {name: value for name, value in os.environ.items() if name in known or name.startswith(families)}
    by_hand = "run it yourself: " + (f"{' '.join(words[:-1])} …" if len(words) > 1 else words[0])
    try:
        done = subprocess.run(
            list(words),
            env=environ | dict(more or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
    except FileNotFoundError:
        raise NoSecretError(f"there is no program {words[0]} here", f"install {words[0]}") from None
    except OSError as error:
        raise NoSecretError(f"{words[0]} cannot be run: {error.strerror}", by_hand) from None
    except subprocess.TimeoutExpired:
        raise NoSecretError(f"{words[0]} did not answer within {limit_s:.0f} s", by_hand) from None
    if done.returncode:
        raise NoSecretError(f"{words[0]} ended with {done.returncode}", by_hand)
    try:
        return done.stdout.decode()
    except UnicodeDecodeError:
        raise NoSecretError(f"what {words[0]} prints is no text in UTF-8", by_hand) from None
