"""Schemathesis against a whole server: what the OpenAPI document promises is what the server does."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartHomeroom


@pytest.mark.timeout(300)  # some 50 operations, each with all that its schema allows and forbids
@pytest.mark.parametrize(
    ("role", "phases", "examples_per_operation"),
    [("instructor", "examples,coverage,fuzzing", 5), ("student", "examples,fuzzing", 1)],
)
async def test_the_server_keeps_what_its_document_promises(
    start_homeroom: StartHomeroom, tmp_path: Path, role: str, phases: str, examples_per_operation: int
) -> None:
    server = await start_homeroom(environment={"HOMEROOM_LIMITS": "off"})
    token = server.token("u-7", role=role, rooms={"algebra-1": "owner"})
    program = Path(sys.executable).absolute().with_name("schemathesis")
    run = await asyncio.to_thread(
        subprocess.run,
        [
            str(program),
            "--config-file",
            str(Path(__file__).with_name("schemathesis.toml")),
            "run",
            f"{server.url}/api/v1/openapi.json",
            "--header",
            f"Authorization: Bearer {token}",
            "--checks",
            "all",
            "--phases",
            phases,
            "--max-examples",
            str(examples_per_operation),
            "--generation-deterministic",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "request failed" not in server.output()
