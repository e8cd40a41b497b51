"""Which pages may connect."""

import pytest

from clawfleet.access.origins import origin_allowed


@pytest.mark.parametrize(
    ("origin", "host", "local", "allowed", "expected"),
    [
        ("http://127.0.0.1:18789", "127.0.0.1:18789", True, (), True),
        ("http://localhost:5173", "127.0.0.1:18789", True, (), True),
        ("http://localhost:5173", "gateway.example:18789", False, (), False),
        ("https://evil.example", "127.0.0.1:18789", True, (), False),
        ("https://evil.example", "127.0.0.1:18789", True, ("https://evil.example/",), True),
        ("https://anything.example", "x", False, ("*",), True),
        ("null", "x", True, ("*",), False),
        ("http://192.168.1.4:18789", "192.168.1.4:18789", False, (), True),
        ("https://box.tail1.ts.net", "box.tail1.ts.net", False, (), True),
        ("http://100.101.2.3:18789", "100.101.2.3:18789", False, (), True),
        ("http://[fd7a::1]:18789", "[fd7a::1]:18789", False, (), True),
        ("http://8.8.8.8:18789", "8.8.8.8:18789", False, (), False),
        ("http://192.0.2.10:18789", "192.0.2.10:18789", False, (), False),
        ("http://localhost:18789", "localhost:18789", False, (), True),
        ("http://me@localhost:18789", "localhost:18789", True, (), False),
        ("https://claw.example.com", "x", False, ("https://Claw.Example.com",), True),
        ("file:///x", "127.0.0.1:18789", True, (), False),
    ],
)
def test_origins(origin: str, host: str, local: bool, allowed: tuple[str, ...], expected: bool) -> None:
    assert origin_allowed(origin, host=host, local=local, allowed=allowed) is expected
