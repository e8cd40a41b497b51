"""What the recipes do to a host. Every operation reads a fact first and yields nothing when the host is as wanted."""
