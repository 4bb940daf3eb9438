"""Running the load of load/load.c against a contender, from the other core."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import LOAD_CORE, Contender, compiled

VOID_FROM = 0.7
"""The load's own share of its core from which on a figure says nothing about the server."""


@dataclass(frozen=True)
class Figures:
    """What one run gave. Rates are a second, `server_cpu` and `load_cpu` shares of a core, times microseconds."""

    deliveries: float
    acks: float
    joined: float
    p50: float
    p99: float
    load_cpu: float
    server_cpu: float
    failed: int
    slowest_join_ms: float
    ready_seconds: float

    @property
    def is_void(self) -> bool:
        return self.load_cpu > VOID_FROM or self.failed > 0


async def measure(
    contender: Contender, folder: Path, mode: str, clients: int, seconds: float, **options: object
) -> Figures:
    """Run the load to its end. Raises RuntimeError when it fails."""
    process = await _start(contender, folder, mode, clients, {**options, "seconds": seconds})
    before = contender.cpu_seconds()
    assert process.stderr is not None
    line = b""
    while line != b"ready\n":
        line = await process.stderr.readline()
        if not line:
            break
        before = contender.cpu_seconds()
    begun = asyncio.get_running_loop().time()
    output, errors = await process.communicate()
    took = asyncio.get_running_loop().time() - begun
    if process.returncode:
        raise RuntimeError(f"the load failed on {contender.name}: {line.decode()}{errors.decode()}")
    told = json.loads(output)
    return Figures(
        told["deliveries_per_s"],
        told["acks_per_s"],
        told["joined_per_s"],
        told["p50_us"],
        told["p99_us"],
        told["cpu"],
        (contender.cpu_seconds() - before) / max(took, 0.001),
        told["failed"],
        told["slowest_join_ms"],
        told["ready_seconds"],
    )


@asynccontextmanager
async def idling(contender: Contender, folder: Path, clients: int) -> AsyncIterator[None]:
    """Within the block so many clients are connected, and silent but for heartbeats."""
    process = await _start(contender, folder, "idle", clients, {"at_once": 100, "seconds": 3600})
    assert process.stdout is not None
    told = await process.stdout.readline()
    try:
        if not told:
            raise RuntimeError(f"the load failed on {contender.name}")
        yield
    finally:
        process.kill()
        await process.wait()


async def _start(
    contender: Contender, folder: Path, mode: str, clients: int, options: dict[str, object]
) -> asyncio.subprocess.Process:
    given = {"mark": contender.mark, "join": contender.join, **options}
    seconds = given.pop("seconds")
    given.setdefault("say", contender.echo if mode == "echo" else contender.say)
    if contender.other_port:
        given["other_port"] = str(contender.other_port)
    for name, lines in (("auth", contender.tokens), ("joins", contender.joins)):
        if lines:
            file = folder / f"{name}-{contender.port}.txt"
            file.write_text("\n".join(lines) + "\n")
            given[name] = str(file)
    nice = os.getpriority(os.PRIO_PROCESS, contender.pids[0])
    return await asyncio.create_subprocess_exec(
        *["nice", "-n", str(nice), "taskset", "-c", LOAD_CORE, str(compiled("load", folder))],
        *[mode, "127.0.0.1", str(contender.port), str(clients), str(seconds)],
        *[f"{name}={value}" for name, value in given.items()],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
