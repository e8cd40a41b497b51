"""The login shell as the last place to look for a key."""

from pathlib import Path

from clawfleet.secrets.login_shell import login_shell_variables


def test_what_a_login_shell_exports(tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text("echo welcome\nexport OPENAI_API_KEY='a=b c'\n", encoding="utf-8")
    found = login_shell_variables("/bin/sh", str(tmp_path), 10_000)
    assert found["OPENAI_API_KEY"] == "a=b c"


def test_a_shell_that_cannot_be_asked_exports_nothing(tmp_path: Path) -> None:
    assert login_shell_variables("/nowhere/sh", str(tmp_path), 1000) == {}
    (tmp_path / ".profile").write_text("sleep 30\n", encoding="utf-8")
    assert login_shell_variables("/bin/sh", str(tmp_path), 50) == {}
