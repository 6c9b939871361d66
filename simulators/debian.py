"""Programs that tests need: this machine's own, or unpacked from Debian's packages."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = ROOT / ".cache"
UNPACK: Final = ROOT / "scripts" / "lib" / "debian"


class ProgramError(Exception):
    """A program is not to be had here. The text says which, and what to do."""


async def find_program(name: str, package: str, places: Sequence[str] = ()) -> str:
    """Return the path of a program: on PATH, in `places`, or else unpacked from a package.

    What is unpacked stays in `.cache/<package>` for the next time. Raises ProgramError.
    """
    unpacked = CACHE / package
    path = os.pathsep.join(
        (
            os.environ.get("PATH", ""),
            *places,
            str(unpacked / "usr" / "sbin"),
            str(unpacked / "usr" / "bin"),
        )
    )
    if program := shutil.which(name, path=path):
        return program
    said = await _unpack(unpacked, package)
    if program := shutil.which(name, path=path):
        return program
    message = (
        f"There is no {name} on this machine, and Debian's package {package} could not be "
        f"unpacked. Install it, so that it is on PATH.\n{said}"
    )
    raise ProgramError(message)


async def _unpack(folder: Path, package: str) -> str:
    """Unpack a package; returns what was said. Of several tests at once, one does it."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f".{package}.lock").open("w") as lock:
        await asyncio.get_running_loop().run_in_executor(None, fcntl.flock, lock, fcntl.LOCK_EX)
        unpacking = await asyncio.create_subprocess_exec(
            str(UNPACK),
            str(folder),
            package,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await unpacking.communicate()
    return output.decode(errors="replace").strip()
