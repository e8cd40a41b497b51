"""What must not be seen: .env files and redaction."""
