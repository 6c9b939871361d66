"""Whether a write is there: SENEC answers 200 to what it does later, and to what it never does."""

from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Final

from ...protocol.errors import ONLY_THE_USER_CAN_HELP, SenecServiceError, ServiceReason
from ...protocol.http import ServiceLine

type Sleep = Callable[[float], Awaitable[None]]

# Seconds after the write at which is looked; values have been seen to appear after some seconds.
LOOKS: Final = (0.0, 5.0, 20.0, 60.0)


async def confirmed[Found](
    read: Callable[[], Awaitable[Found]],
    missing: Callable[[Found], str],
    sleep: Sleep,
    line: ServiceLine,
) -> Found:
    """Return what the server has as soon as nothing of the write is missing in it.

    `missing` says in a few words what is not as it was wanted ("" if all is). Raises
    `not_confirmed` with these words after a minute. A look that fails proves nothing; if none
    succeeds, its own error is raised.
    """
    words: str | None = None
    trouble: SenecServiceError | None = None
    for before, now in pairwise((0.0, *LOOKS)):
        if now > before:
            await sleep(now - before)
        try:
            found = await read()
        except SenecServiceError as err:
            if err.reason in ONLY_THE_USER_CAN_HELP:
                raise
            trouble = err
            continue
        if not (words := missing(found)):
            return found
    if words is None and trouble is not None:
        raise trouble
    raise line.failure(ServiceReason.NOT_CONFIRMED, words or "")


def differs(name: str, found: object, wanted: object) -> str:
    """Return in what a value is not the wanted one, or nothing."""
    return "" if found == wanted else f"{name}: {found} instead of {wanted}"
