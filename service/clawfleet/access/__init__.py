"""Who may come in: gateway authentication and the stores of pairing."""
