"""Which file is made by which generator, and whether what stands on disk is what would be made now."""

from collections.abc import Callable, Mapping
from pathlib import Path

from contract.export import asyncapi, openapi, protocol, typescript

Generators = Mapping[str, Callable[[], str]]
"""Path from the root of the checkout, and the function that returns the file's text."""

GENERATORS: Generators = {
    typescript.PATH: typescript.contract_ts,
    protocol.PATH: protocol.protocol_md,
    openapi.PATH: openapi.openapi_json,
    asyncapi.PATH: asyncapi.asyncapi_json,
}


def check(root: Path, generators: Generators) -> list[str]:
    """The paths whose text is missing or not what their generator returns."""
    return [path for path, make in generators.items() if _read(root / path) != make()]


def write(root: Path, generators: Generators) -> list[str]:
    """Writes what is stale; returns the paths written."""
    stale = check(root, generators)
    for path in stale:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(generators[path](), encoding="utf-8", newline="\n")
    return stale


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
