"""Two questions of whoever runs us: is the process alive (/livez), and should it be sent clients (/readyz)?

Liveness asks nothing but the event loop: a database that is away must not get every node restarted at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import hdrs, web

from contract.clock import Clock
from realtime.bus.port import Bus
from server.loop_lag import LoopLag

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else a few words on what is not, for everybody to read. Raising counts as not well, too."""

PATIENCE_SECONDS = 2.0
KEPT_SECONDS = 1.0
MOST_LAG_SECONDS = 1.0


@dataclass(frozen=True)
class Finding:
    """How one check went. `problem` is None when all is well."""

    problem: str | None
    seconds: float


class Health:
    """Runs all checks side by side, and keeps the findings for a moment, however often it is asked."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        clock: Clock,
        *,
        patience: float = PATIENCE_SECONDS,
        kept: float = KEPT_SECONDS,
    ) -> None:
        self._checks = dict(checks)
        self._clock = clock
        self._patience = patience
        self._kept = kept
        self._draining = False
        self._findings: Mapping[str, Finding] = {}
        self._found_at: float | None = None
        self._asking = asyncio.Lock()

    def attach(self, app: web.Application) -> None:
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)

    def start_draining(self) -> None:
        """From now on not ready, at once and for good."""
        self._draining = True

    async def findings(self) -> Mapping[str, Finding]:
        """Every check's finding, "draining" among them; at most a second old."""
        async with self._asking:
            if self._found_at is None or self._clock.monotonic() - self._found_at >= self._kept:
                names = list(self._checks)
                found = await asyncio.gather(*(self._find(self._checks[name]) for name in names))
                self._findings = dict(zip(names, found, strict=True))
                self._found_at = self._clock.monotonic()
        draining = Finding("the server is shutting down" if self._draining else None, 0.0)
        return {**self._findings, "draining": draining}

    async def _find(self, check: Check) -> Finding:
        """The words of an exception are not told: they may name hosts and users."""
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                problem = await check()
        except TimeoutError:
            problem = f"no answer within {self._patience:g} s"
        except Exception as error:  # whatever is wrong with a part, the answer is "not ready"
            problem = type(error).__qualname__
        return Finding(problem, self._clock.monotonic() - began)

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True}, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        findings = await self.findings()
        ready = all(finding.problem is None for finding in findings.values())
        body = {
            "ready": ready,
            "checks": {
                name: {"ok": finding.problem is None, "seconds": round(finding.seconds, 4)}
                | ({"problem": finding.problem} if finding.problem is not None else {})
                for name, finding in findings.items()
            },
        }
        return web.json_response(body, status=200 if ready else 503, headers={hdrs.CACHE_CONTROL: "no-store"})


def bus_check(bus: Bus) -> Check:
    """Whether notices of this node came back to it lately, as its own probe found."""

    async def check() -> str | None:
        return None if bus.health.up else "notices do not come through"

    return check


def lag_check(lag: LoopLag, most: float = MOST_LAG_SECONDS) -> Check:
    """Whether the event loop keeps up. `most` is in seconds."""

    async def check() -> str | None:
        return None if lag.worst <= most else "the event loop is late"

    return check


def migrations_check(pending: Callable[[], Awaitable[bool]]) -> Check:
    """Whether the database is at this code's revision. Asked until it is, then no more: nobody migrates it back."""
    current = False

    async def check() -> str | None:
        nonlocal current
        current = current or not await pending()
        return None if current else "the database is at another revision: run `homeroom migrate`"

    return check
