"""How things are kept: SQLite with durable group commits, migrations, atomic files."""
