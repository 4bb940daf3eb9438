"""On one database: nothing here depends on which."""

from pathlib import Path

import pytest

from tests.conformance.store_places import SqlitePlace


@pytest.fixture
def store_place(tmp_path: Path, sqlite_template: Path) -> SqlitePlace:
    return SqlitePlace(tmp_path, sqlite_template)
