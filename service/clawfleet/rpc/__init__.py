"""What clients may ask: one file per method family, collected by scan."""
