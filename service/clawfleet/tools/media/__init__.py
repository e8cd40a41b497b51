"""What an agent may see and hear."""
