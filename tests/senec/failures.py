"""What a coordinator says of a failed poll, as Home Assistant is told it."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

from homeassistant.helpers.update_coordinator import UpdateFailed


@contextmanager
def recorded_failures(coordinator: ModuleType) -> Iterator[list[UpdateFailed]]:
    """Keep each UpdateFailed that a coordinator's module makes."""
    made: list[UpdateFailed] = []

    class Recorded(UpdateFailed):
        def __init__(self, *arguments: object, **details: Any) -> None:
            super().__init__(*arguments, **details)
            made.append(self)

    with patch.object(coordinator, "UpdateFailed", Recorded):
        yield made
