"""Rows that are made by functions, since they say what their controls write with."""

from collections.abc import Iterator
from unittest.mock import Mock

from custom_components.hausstrom.senec.cloud import descriptions as cloud
from custom_components.hausstrom.senec.cloud.planner_rows import switch_row
from custom_components.hausstrom.senec.cloud.writing import Writing
from custom_components.hausstrom.senec.descriptions import EntityRow


def cloud_rows() -> Iterator[EntityRow]:
    """Yield the rows of the tables, and of four wallboxes, modules and sockets."""
    for content in vars(cloud).values():
        if isinstance(content, tuple):
            yield from (row for row in content if isinstance(row, EntityRow))
    write = Mock(spec=Writing)
    yield switch_row(Mock())
    yield from cloud.peak_shaving_rows(write)
    yield cloud.reserve_row(write)
    yield from cloud.sg_ready_rows(write)
    for number in range(4):
        yield from cloud.wallbox_rows(number, write)
        yield from cloud.module_rows(number + 1)
        yield from cloud.socket_rows(number + 1, write)
