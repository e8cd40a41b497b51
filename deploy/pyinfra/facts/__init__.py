"""What the recipes read of a host. Reading never changes it, and never fails where the thing does not exist yet."""
