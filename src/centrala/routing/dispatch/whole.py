"""Steps that a cancelled task still finishes.

A task that is cancelled while it opens a connection leaves the half-open connection behind, and one that is cancelled
in a transaction throws its connection away. So whoever stops waits for the step under way.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


async def whole(step: Coroutine[Any, Any, T]) -> T:
    """The step's result; when the caller is cancelled meanwhile, that is raised after the step's end."""
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # looked at, or the loop would complain
        raise


@asynccontextmanager
async def entered(context: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """The context, entered as a whole: a task that is cancelled meanwhile leaves it again."""
    task = asyncio.ensure_future(_enter(context))
    try:
        value = await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            await context.__aexit__(None, None, None)
        raise
    async with AsyncExitStack() as stack:
        stack.push_async_exit(context)  # it hears what ended the block
        yield value


async def _enter(context: AbstractAsyncContextManager[T]) -> T:
    return await context.__aenter__()
