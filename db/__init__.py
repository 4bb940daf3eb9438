"""THE STORE: engine (the only file that knows SQLite from PostgreSQL), tables' base, migrations."""
