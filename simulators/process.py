"""Child processes that do not outlive this one."""

import asyncio
import contextlib
import ctypes
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

STOP_TIMEOUT: Final = 10.0
_PR_SET_PDEATHSIG: Final = 1
# Loaded before the fork: the child of a process with threads may not load libraries.
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def with_parent() -> None:
    """Have Linux end this (child) process when its parent dies, however that dies."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def spawn(
    log: Path, *command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start a program that ends with this process; what it says is added to a file.

    cwd, env: its folder and its environment, ours by default.
    """
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=env,
            start_new_session=True,
            preexec_fn=with_parent,
        )


async def stop_process(process: asyncio.subprocess.Process, patience: float = STOP_TIMEOUT) -> None:
    """End a process: politely, and after `patience` seconds by force."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(patience):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
