"""What an agent may do: tools, the table of them, and the policy that decides which are on offer."""
