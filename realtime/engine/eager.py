"""Starting a coroutine here and now, with a task only when it waits for something.

From Python 3.12 on asyncio does this itself (`eager_start`). On 3.11 the first step runs under a stand-in task, which becomes
the coroutine's own if the coroutine waits, and serves the next one if not, unless somebody kept a reference to it.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any

from realtime.engine.logs import logger, trail

_REFERENCES = 4
"""To a stand-in that nobody kept: two local variables, the call of the step, and the argument of getrefcount."""


class _Resumed:
    """A coroutine that has taken its first step: hands out what it waits for, and then is the coroutine."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], first: Any) -> None:
        self._first = first
        self._coroutine = coroutine
        self.throw = coroutine.throw
        self.send: Callable[[None], Any] = self._hand_out

    def _hand_out(self, _value: None) -> Any:
        self.send = self._coroutine.send
        first, self._first = self._first, None
        return first


_PythonTask: Any = vars(asyncio.tasks)["_PyTask"]
"""asyncio's task in Python, whose step can be called."""


class _StandIn(_PythonTask):  # type: ignore[misc]  # typeshed leaves the Python task out
    """A task whose coroutine is still to be found."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.futures._PyFuture.__init__(self, loop=loop)  # type: ignore[attr-defined]  # typeshed leaves it out
        self._name = "handler"
        self._num_cancels_requested = 0
        self._must_cancel = False
        self._fut_waiter = None
        self._coro: Any = None
        self._context: Context | None = None
        self._log_destroy_pending = False

    def take_over(self, coroutine: Coroutine[Any, Any, Any], first: Any, context: Context) -> None:
        self._log_destroy_pending = True
        self._context = context
        self._coro = _Resumed(coroutine, first)
        asyncio.tasks._register_task(self)
        self._Task__step()
        self._coro = coroutine if not self.done() else None

    def __repr__(self) -> str:
        return f"<handler {'done' if self.done() else 'running'}>"

    def end(self) -> None:
        asyncio.futures._PyFuture.set_result(self, None)  # type: ignore[attr-defined]  # typeshed leaves it out


class Starter:
    """Starts the coroutines of one server, and holds on to those that wait."""

    def __init__(self) -> None:
        self.waiting: set[asyncio.Task[None]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where it runs; asking asyncio each time costs a system call on Python 3.11."""
        self._spare: Any = None
        self._run = self._run_eagerly if sys.version_info >= (3, 12) else self._run_under_stand_in

    def start(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
        """Run until the coroutine waits. The task that goes on with it, or None when it is done.

        Whatever it raises is logged, without its message.
        """
        try:
            task = self._run(coroutine)
        except asyncio.CancelledError:
            return None
        except Exception as error:
            logger.error("handler failed: %s", trail(error))
            return None
        if task is not None:
            self.waiting.add(task)
            task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self.waiting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("handler failed: %s", trail(error))

    def _run_eagerly(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
        loop = self.loop or asyncio.get_running_loop()
        options: dict[str, Any] = {"loop": loop, "eager_start": True}
        task: asyncio.Task[None] = asyncio.Task(coroutine, **options)
        if not task.done():
            return task
        task.result()
        return None

    def _run_under_stand_in(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
        loop = self.loop or asyncio.get_running_loop()
        task, self._spare = self._spare, None  # None while it is in use: a handler may start another
        if task is None or task._loop is not loop:
            task = _StandIn(loop)
        around = asyncio.current_task(loop)
        if around is None:
            return self._first_step(coroutine, task, loop)
        asyncio.tasks._leave_task(loop, around)
        try:
            return self._first_step(coroutine, task, loop)
        finally:
            asyncio.tasks._enter_task(loop, around)

    def _first_step(
        self, coroutine: Coroutine[Any, Any, None], task: Any, loop: asyncio.AbstractEventLoop
    ) -> "asyncio.Task[None] | None":
        context = copy_context()
        asyncio.tasks._enter_task(loop, task)
        try:
            first = context.run(coroutine.send, None)
        except StopIteration:
            if sys.getrefcount(task) <= _REFERENCES:
                self._spare = task
            else:
                task.end()
            return None
        except BaseException:
            task.end()
            raise
        finally:
            asyncio.tasks._leave_task(loop, task)
        task.take_over(coroutine, first, context)
        made: asyncio.Task[None] = task
        return made
