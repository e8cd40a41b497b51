"""pyinfra's settings for this fleet; loaded by pyinfra from the working directory."""

REQUIRE_PYINFRA_VERSION = ">=3.10,<4"
