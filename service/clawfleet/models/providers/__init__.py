"""One file per wire API; each turns a `Request` into the provider's bytes and its bytes into `Event`s."""
