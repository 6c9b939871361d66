"""What describes an entity: one constructor for all platforms, compared by what it says."""

from copy import replace
from typing import Final

import pytest
from homeassistant.components.number import NumberEntityDescription

from custom_components.hausstrom.number import HausstromNumberDescription
from custom_components.hausstrom.sensor import HausstromSensorDescription


async def _write(_value: float) -> None:
    """Take a value."""


async def _write_elsewhere(_value: float) -> None:
    """Take a value, too."""


LIMIT: Final = HausstromNumberDescription(key="limit", native_max_value=80, write=_write)


def test_what_is_not_said_is_as_home_assistant_has_it() -> None:
    """Each field that Home Assistant reads is there, with Home Assistant's own value."""
    usual = NumberEntityDescription(key="limit", native_max_value=80)
    for name, value in vars(usual).items():
        assert getattr(LIMIT, name) == value, name
    assert LIMIT.device is None
    assert not LIMIT.tried_when_gone


def test_it_cannot_be_changed_but_said_anew() -> None:
    """Another one with one thing different has all the rest."""
    with pytest.raises(AttributeError):
        LIMIT.device = "pack_1"  # type: ignore[misc]  # what is tested
    pack = replace(LIMIT, device="pack_1")
    assert isinstance(pack, HausstromNumberDescription)
    assert (pack.key, pack.native_max_value, pack.device, pack.write) == (
        *("limit", 80, "pack_1"),
        _write,
    )
    assert LIMIT.device is None


def test_it_is_compared_by_what_it_says() -> None:
    """An entity follows a description that says something else, not one that is made again."""
    assert replace(LIMIT) == LIMIT
    assert replace(LIMIT, write=_write_elsewhere) == LIMIT
    assert replace(LIMIT, device=None) == LIMIT  # said, but the same
    assert replace(LIMIT, native_max_value=70) != LIMIT
    assert replace(LIMIT, device="pack_1") != LIMIT
    assert HausstromSensorDescription(key="limit") != LIMIT
