"""What an agent may read of the web: pages by address, addresses by search."""
