"""The section `secrets`."""

import pytest
from pydantic import ValidationError

from clawfleet.config.models.secrets import Secrets


def test_providers_of_each_kind() -> None:
    section = Secrets.model_validate(
        {
            "providers": {
                "here": {"source": "env", "allowlist": ["A_KEY"]},
                "vault": {"source": "file", "path": "/s.json"},
                "tool": {"source": "exec", "command": "/bin/t", "jsonOnly": False},
            },
            "defaults": {"file": "vault"},
        }
    )
    assert section.providers["vault"].max_bytes == 1024 * 1024
    assert section.defaults.file == "vault"
    assert section.defaults.exec == "default"


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ({"source": "file"}, "needs path"),
        ({"source": "exec"}, "needs command"),
        ({"source": "moon"}, "'env', 'file' or 'exec'"),
    ],
)
def test_a_provider_names_its_place(provider: object, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Secrets.model_validate({"providers": {"x": provider}})


def test_names_are_plain() -> None:
    with pytest.raises(ValidationError, match="must be lower-case"):
        Secrets.model_validate({"providers": {"X Y": {"source": "env"}}})
