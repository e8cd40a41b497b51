"""Which model answers, with which key: catalog, credentials, provider adapters."""
