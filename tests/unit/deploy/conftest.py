"""The recipes need pyinfra, which is an extra."""

from __future__ import annotations

import pytest

pytest.importorskip("pyinfra", reason="pyinfra is not installed: pip install -e '.[deploy]'")
