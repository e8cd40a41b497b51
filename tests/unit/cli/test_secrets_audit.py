"""What is in plain text, unset, shadowed or left over; never its value."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Home, OpenClaw


def test_a_clean_instance(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local"}}')
    done = openclaw("secrets", "audit", "--check")
    assert done.exit_code == 0
    assert done.stdout == "Secrets audit: clean. plaintext=0, unresolved=0, shadowed=0, legacy=0\n"


def test_plain_text_is_named_with_the_commands_that_move_it(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local", auth: {token: "plain-token-1"}}}')
    assert openclaw("secrets", "audit").exit_code == 0
    done = openclaw("secrets", "audit", "--check")
    assert done.exit_code == 1
    assert "- [PLAINTEXT_FOUND] ~/.openclaw/openclaw.json:gateway.auth.token" in done.stdout
    assert "openclaw secrets set OPENCLAW_GATEWAY_TOKEN" in done.stdout
    assert "plain-token-1" not in done.output


def test_unset_variables_end_with_two(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local", auth: {token: "${NOWHERE}"}}}')
    done = openclaw("secrets", "audit", "--json")
    assert done.exit_code == 2
    document = json.loads(done.stdout)
    assert (document["version"], document["status"]) == (1, "unresolved")
    assert document["summary"]["unresolvedRefCount"] == 1
    assert document["findings"][0]["jsonPath"] == "gateway.auth.token"


def test_older_versions_old_stores_and_files_that_cannot_be_read(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local"}}')
    (home.state_dir / "openclaw.json.bak").write_text('{gateway: {auth: {password: "older"}}}')
    (home.state_dir / "openclaw.json.bak.1").write_text("{")
    folder = home.state_dir / "agents" / "main" / "agent"
    folder.mkdir(parents=True)
    (folder / "auth-profiles.json").write_text('{"profiles": {"x": {"key": "old-key"}}}')
    document = json.loads(openclaw("secrets", "audit", "--json").stdout)
    assert document["summary"]["legacyResidueCount"] == 3
    assert len(document["filesScanned"]) == 4


def test_a_key_that_another_one_covers(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {mode: "local"}, models: {providers: {openai: {apiKey: "${MINE}"}}}}')
    done = openclaw("secrets", "audit", OPENAI_API_KEY="sk-other-key", MINE="sk-mine-key")
    assert "[REF_SHADOWED]" in done.stdout
    assert "OPENAI_API_KEY" in done.stdout


def test_a_broken_config_is_still_looked_at(openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{gateway: {bnd: 1, auth: {token: "plain-token-1", password: "${NOWHERE}"}}}')
    document = json.loads(openclaw("secrets", "audit", "--json").stdout)
    assert {row["code"] for row in document["findings"]} == {"PLAINTEXT_FOUND", "REF_UNRESOLVED"}


def test_included_files_and_secret_refs_are_looked_at_too(openclaw: OpenClaw, home: Home) -> None:
    (home.state_dir / "models.json5").write_text(
        '{providers: {x: {baseUrl: "http://h", apiKey: "plain-key-1", models: []}}}'
    )
    ref = '{source: "env", provider: "default", id: "NOWHERE"}'
    home.write_config(f'{{gateway: {{mode: "local", auth: {{token: {ref}}}}}, models: {{$include: "./models.json5"}}}}')
    document = json.loads(openclaw("secrets", "audit", "--json").stdout)
    found = {(row["code"], row["file"].rsplit("/", 1)[-1], row["jsonPath"]) for row in document["findings"]}
    assert found == {
        ("PLAINTEXT_FOUND", "models.json5", "providers.x.apiKey"),
        ("REF_UNRESOLVED", "openclaw.json", "gateway.auth.token"),
    }
