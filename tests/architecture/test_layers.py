"""The import rules of pyproject.toml hold, and each of them bites."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT

_FOLDERS = (
    "realtime/engine",
    "realtime/bus",
    "realtime/log",
    "realtime/rooms",
    "realtime/chat",
    "realtime/presence",
    "signaling/sfu",
    "signaling/recording",
)

_ALLOWED = {
    "realtime/engine/server.py": "import socketio\nimport engineio",
    "bots/client.py": "import socketio\nimport contract",
    "bots/media.py": "import aiortc",
    "signaling/sfu/peer.py": "import aiortc\nimport av",
    "realtime/chat/namespace.py": "import realtime.chat.service",
    "realtime/chat/service.py": "import realtime.chat.store\nimport realtime.chat.rules",
    "realtime/chat/store.py": "import sqlalchemy",
    "realtime/chat/rules.py": "import contract\nimport auth.permissions",
    "auth/permissions.py": "import contract",
    "db/engine.py": "import asyncpg\nimport sqlite3",
    "server/compose.py": "import meetings\nimport signaling\nimport bots",
}

_VIOLATIONS = [
    ("layers", "contract/rooms.py", "import db"),
    ("layers", "db/base.py", "import auth"),
    ("layers", "auth/service.py", "import realtime.rooms"),
    ("layers", "realtime/chat/service.py", "import meetings"),
    ("layers", "realtime/chat/service.py", "import signaling"),
    ("layers", "meetings/service.py", "import server"),
    ("layers", "meetings/service.py", "import signaling"),
    ("layers", "signaling/service.py", "import meetings"),
    ("bots", "bots/client.py", "import realtime.engine"),
    ("bots", "bots/client.py", "import auth"),
    ("bots-are-clients", "signaling/recording/worker.py", "import bots"),
    ("socketio", "realtime/chat/namespace.py", "import socketio"),
    ("socketio", "realtime/dispatch.py", "from engineio import packet"),
    ("socketio", "server/app.py", "import socketio"),
    ("aiortc", "signaling/service.py", "import aiortc"),
    ("aiortc", "bots/client.py", "import aiortc"),
    ("pure", "realtime/chat/rules.py", "import sqlalchemy"),
    ("pure", "meetings/rules.py", "import aiohttp"),
    ("pure", "auth/permissions.py", "import redis"),
    ("pure", "contract/registry.py", "import socketio"),
    ("pure", "signaling/topology.py", "import aiortc"),
    ("doors", "realtime/chat/namespace.py", "import realtime.chat.store"),
    ("doors", "realtime/rooms/routes.py", "from realtime.chat import store"),
    ("doors", "meetings/routes.py", "import sqlalchemy"),
    ("engine", "realtime/engine/server.py", "import realtime.rooms"),
    ("engine", "realtime/engine/server.py", "import realtime.log"),
    ("engine", "realtime/engine/server.py", "import auth"),
    ("drivers", "realtime/log/store.py", "import asyncpg"),
]


def test_the_project_keeps_its_import_rules() -> None:
    report = _lint_imports(ROOT)
    assert report.returncode == 0, report.stdout


def test_what_the_design_allows_is_allowed(tmp_path: Path) -> None:
    report = _lint_imports(_skeleton(tmp_path))
    assert report.returncode == 0, report.stdout


@pytest.mark.parametrize(("rule", "path", "line"), _VIOLATIONS)
def test_an_import_against_the_rules_is_reported(tmp_path: Path, rule: str, path: str, line: str) -> None:
    root = _skeleton(tmp_path)
    planted = root / path
    planted.write_text(f"{planted.read_text() if planted.exists() else ''}\n{line}\n")
    store = root / "realtime/chat/store.py"
    store.touch()
    report = _lint_imports(root, "--contract", rule)
    assert report.returncode == 1, report.stdout
    assert "1 broken" in report.stdout


def _skeleton(folder: Path) -> Path:
    """The shape of the project, all modules empty but for imports that are allowed."""
    for package in (*PACKAGES, *_FOLDERS):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    for path, lines in _ALLOWED.items():
        (folder / path).write_text(f"{lines}\n")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint_imports(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).absolute().with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", *options], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
