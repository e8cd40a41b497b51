"""`openclaw config patch`: a piece of config merged into the file."""

from __future__ import annotations

import json
from pathlib import Path

import pyjson5

from tests.unit.cli.conftest import Home, OpenClaw

FILE = """{
  gateway: { mode: 'local', port: 1 }, // mine
  tools: { allow: ['a', 'b'], deny: ['c'] },
  channels: { telegram: { allowFrom: [1], groups: { '-100': { requireMention: false } } } },
}
"""


def put(tmp_path: Path, text: str) -> str:
    file = tmp_path / "patch.json5"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_objects_merge_lists_replace_null_removes(openclaw: OpenClaw, home: Home, tmp_path: Path) -> None:
    home.write_config(FILE)
    patch = put(tmp_path, "{gateway: {port: 2}, tools: {allow: ['z'], deny: null}, session: {dmScope: 'per-peer'}}")
    done = openclaw("config", "patch", "--file", patch)
    assert done.stdout == "Applied 4 config update(s). Restart the gateway to apply. A running one does so by itself.\n"
    text = home.config_path.read_text(encoding="utf-8")
    assert "// mine" in text
    assert pyjson5.decode(text)["tools"] == {"allow": ["z"]}
    assert openclaw("config", "patch", "--file", patch).stdout == "No change\n"


def test_a_path_may_replace(openclaw: OpenClaw, home: Home, tmp_path: Path) -> None:
    home.write_config(FILE)
    patch = put(tmp_path, "{channels: {telegram: {groups: {'*': {}}}}}")
    assert openclaw("config", "patch", "--file", patch, "--replace-path", "channels.telegram.groups").exit_code == 0
    assert pyjson5.decode(home.config_path.read_text())["channels"]["telegram"]["groups"] == {"*": {}}


def test_dry_run(openclaw: OpenClaw, home: Home, tmp_path: Path) -> None:
    home.write_config(FILE)
    patch = put(tmp_path, "{gateway: {port: 'x'}}")
    report = json.loads(openclaw("config", "patch", "--file", patch, "--dry-run", "--json").stdout)
    assert (report["ok"], report["errors"][0]["kind"]) == (False, "schema")
    good = openclaw("config", "patch", "--file", put(tmp_path, "{gateway: {port: 5}}"), "--dry-run")
    assert good.stdout.startswith("Dry run successful: 1 update(s) validated against ")
    assert home.config_path.read_text(encoding="utf-8") == FILE


def test_from_standard_input(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(FILE)
    done = openclaw("config", "patch", "--stdin", stdin="{session: {dmScope: 'per-peer'}}")
    assert done.stdout == "Applied 1 config update(s). Change will apply without restarting the gateway.\n"
    large = openclaw("config", "patch", "--stdin", stdin=" " * (1024 * 1024 + 1))
    assert (large.exit_code, "larger than 1048576 bytes" in large.stderr) == (1, True)


def test_a_patch_must_be_given_once_and_be_one(openclaw: OpenClaw, home: Home, tmp_path: Path) -> None:
    assert openclaw("config", "patch").exit_code == 2
    assert openclaw("config", "patch", "--stdin", "--file", "x").exit_code == 2
    assert "cannot read" in openclaw("config", "patch", "--file", str(tmp_path / "none")).stderr
    done = openclaw("config", "patch", "--file", put(tmp_path, "[1]"))
    assert "expected object, received array" in done.stderr
    home.write_config(FILE)
    gone = openclaw("config", "patch", "--file", put(tmp_path, "{gateway: {mode: null}}"))
    assert gone.exit_code == 0  # said by name: it is meant
