"""Where people talk: one file per messaging platform, one table, one supervisor."""
