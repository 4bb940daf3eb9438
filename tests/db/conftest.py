"""The databases that these tests run over."""

from tests.conformance.store_places import (
    database_url,
    empty_url,
    postgres_place,
    postgres_template,
    sqlite_template,
    store_place,
)

__all__ = [
    "database_url",
    "empty_url",
    "postgres_place",
    "postgres_template",
    "sqlite_template",
    "store_place",
]
