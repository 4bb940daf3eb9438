"""What the architecture tests read: the project's files, and the syntax trees of its packages."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("contract", "db", "auth", "realtime", "signaling", "meetings", "bots", "server")


@dataclass(frozen=True)
class Module:
    """One source file of a package: `path` from the root, `lines` counted with blanks and comments."""

    path: Path
    lines: int
    tree: ast.Module


def modules() -> Iterator[Module]:
    """Every module of the packages. Migrations are left out: they are written once and never changed again."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            path = file.relative_to(ROOT)
            if "versions" not in path.parts:
                source = file.read_text()
                yield Module(path, len(source.splitlines()), ast.parse(source, filename=str(path)))


def project_files() -> list[Path]:
    """All files that are tracked or would be, from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The text of a project file; an empty one for pictures, fonts and the like."""
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return ""
