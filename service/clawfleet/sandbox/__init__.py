"""Where tools run when they must not run on the host."""
