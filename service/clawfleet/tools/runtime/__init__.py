"""Tools that run commands: one call, and what goes on after it."""
