"""What an agent may do beyond its own conversation: write to chats, read and ask other sessions."""
