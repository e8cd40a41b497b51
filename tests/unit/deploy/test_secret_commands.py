"""Secrets from the operator's programs, stood in for by scripts that write down how they were called."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.fleet.secret_refs import parse_secret_ref
from secret_sources import SecretSources
from tests.unit.deploy.recipes import gateway

AGE = """#!/bin/sh
echo "age $@" >> "$(dirname "$0")/calls"
test "$2" = --identity || exit 1
echo KEY=from-age
"""
SOPS = """#!/bin/sh
echo "sops $@" >> "$(dirname "$0")/calls"
echo '{"KEY": "from-sops"}'
"""
OP = """#!/bin/sh
test "$OP_BIOMETRIC_UNLOCK_ENABLED" = false && test -n "$OP_SERVICE_ACCOUNT_TOKEN" && test -z "$OTHER" || exit 6
printf from-op
"""
PASS = """#!/bin/sh
echo "$*:$GIVEN:$OTHER"
"""


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "bin"
    place.mkdir()
    for name, text in (("age", AGE), ("sops", SOPS), ("op", OP), ("pass", PASS)):
        (place / name).write_text(text)
        (place / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    monkeypatch.setenv("OTHER", "of the operator")
    monkeypatch.setenv("GIVEN", "given")
    monkeypatch.setenv("OP_SERVICE_ACCOUNT_TOKEN", "t")
    return place


def resolve(base: Path, **secrets: object) -> tuple[dict[str, str], list[str]]:
    """Variable → value, and what could not be had."""
    refs = {name: parse_secret_ref(ref) for name, ref in secrets.items()}
    item = replace(gateway(), secrets=refs)
    sources = SecretSources(base, base / "secrets.env", "age.key")
    values = sources.resolve([item])
    return {name: value for (_, name), value in values.items()}, [problem.message for problem in sources.problems]


def test_each_program_gives_its_value(bin_dir: Path, tmp_path: Path) -> None:
    """A file is decrypted once, however many keys are taken from it; no secret is in an argument."""
    for name in ("a.age", "b.env"):
        (tmp_path / name).write_text("cipher")
    command = {"exec": {"command": str(bin_dir / "pass"), "args": ["show", "x"], "passEnv": ["GIVEN"]}}
    values, problems = resolve(
        tmp_path, A="age:a.age#KEY", B="sops:b.env#KEY", B2="sops:b.env#KEY", C="op://v/i/f", D=command
    )
    assert problems == []
    assert values == {"A": "from-age", "B": "from-sops", "B2": "from-sops", "C": "from-op", "D": "show x:given:"}
    calls = (bin_dir / "calls").read_text().splitlines()
    assert calls == [
        f"age --decrypt --identity {tmp_path}/age.key {tmp_path}/a.age",
        f"sops --decrypt --output-type json {tmp_path}/b.env",
    ]


def test_one_key_of_what_a_program_prints(bin_dir: Path, tmp_path: Path) -> None:
    (bin_dir / "pass").write_text(f"#!/bin/sh\necho '{json.dumps({'K': 'picked'})}'\n")
    values, _ = resolve(tmp_path, A={"exec": {"command": str(bin_dir / "pass"), "json": "K"}})
    assert values == {"A": "picked"}


def test_a_program_that_is_none_or_prints_no_text_is_told(bin_dir: Path, tmp_path: Path) -> None:
    """The operator sees which one, and no byte of it."""
    (bin_dir / "pass").write_text("#!/bin/sh\nprintf '\\377'\n")
    (bin_dir / "age").chmod(0o644)
    refs = {name: {"exec": {"command": str(bin_dir / program)}} for name, program in (("A", "pass"), ("B", "age"))}
    values, problems = resolve(tmp_path, **refs)
    assert values == {}
    assert "pass prints is no text in UTF-8" in problems[0]
    assert "age cannot be run: Permission denied" in problems[1]


def test_what_fails_is_told_without_what_it_printed(bin_dir: Path, tmp_path: Path) -> None:
    """A program that fails, is missing, takes too long, or is a link."""
    (tmp_path / "b.env").write_text("cipher")
    (bin_dir / "sops").write_text("#!/bin/sh\necho half-of-a-secret\necho half-of-a-secret >&2\nexit 4\n")
    (bin_dir / "op").unlink()
    (bin_dir / "slow").write_text("#!/bin/sh\nexec sleep 60\n")
    (bin_dir / "slow").chmod(0o755)
    (bin_dir / "link").symlink_to(bin_dir / "pass")
    _, problems = resolve(
        tmp_path,
        A="sops:b.env#KEY",
        B="op://v/i/f",
        C={"exec": {"command": str(bin_dir / "slow"), "timeoutS": 0.1}},
        D={"exec": {"command": str(bin_dir / "link")}},
    )
    assert len(problems) == 4
    assert "sops ended with 4" in problems[0]
    assert "no program op here" in problems[1]
    assert "did not answer" in problems[2]
    assert "a link" in problems[3]
    assert "half-of-a-secret" not in str(problems)
