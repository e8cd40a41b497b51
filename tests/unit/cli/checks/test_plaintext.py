from __future__ import annotations

import json

from tests.unit.cli.checks.conftest import Look, local
from tests.unit.cli.conftest import Home


def test_secrets_in_the_file_are_counted_and_not_shown(home: Home, look: Look) -> None:
    home.write_config(json.dumps(local(auth={"token": "plain-token-1"})))
    found = look("config/plaintext")["config.plaintext_secrets"]
    assert found.evidence == "gateway.auth.token"
    assert "plain-token-1" not in repr(found)
    home.write_config(json.dumps(local(auth={"token": "${GATE}"})))
    assert look("config/plaintext") == {}
