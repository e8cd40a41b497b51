"""Variables of a server's process."""

from __future__ import annotations

from clawfleet.tools.mcp.spawning import allowed_env


def test_what_loads_code_is_left_out() -> None:
    """Keys and proxies pass."""
    given = {
        "GITHUB_TOKEN": "t",
        "MY_API_KEY": "k",
        "HTTP_PROXY": "p",
        "LD_PRELOAD": "x",
        "dyld_insert_libraries": "x",
        "NODE_OPTIONS": "--require x",
        "PYTHONSTARTUP": "x",
        "BASH_ENV": "x",
        "BASH_FUNC_ls%%": "x",
        "BAD NAME": "x",
        "NUL": "a\0b",
    }
    kept, left_out = allowed_env(given)
    assert set(kept) == {"GITHUB_TOKEN", "MY_API_KEY", "HTTP_PROXY"}
    assert left_out == sorted(set(given) - set(kept))
