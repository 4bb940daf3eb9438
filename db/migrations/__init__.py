"""Alembic's steps from an empty database to the present one, in order; each goes up and down."""
