"""Writes the reference pages and the indexes anew from the code: `python -m docs.reference` (`make docs`)."""

from __future__ import annotations

import sys

from docs.reference import (
    make_cli_page,
    make_compatibility_page,
    make_config_page,
    make_key_index,
    make_method_index,
    make_rpc_page,
)

PAGES = (make_cli_page, make_config_page, make_key_index, make_method_index, make_rpc_page, make_compatibility_page)


def main() -> None:
    """Write every page; say which ones changed."""
    for maker in PAGES:
        old = maker.PAGE.read_text(encoding="utf-8") if maker.PAGE.exists() else ""
        new = maker.page()
        maker.PAGE.write_text(new, encoding="utf-8")
        sys.stdout.write(f"{maker.PAGE.name}: {'unchanged' if new == old else 'written'}\n")


if __name__ == "__main__":
    main()
