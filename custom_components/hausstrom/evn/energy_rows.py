"""What a smart meter brings into the energy dashboard."""

from typing import Final

from ..energy_dashboard.rows import Role, SourceRow

ENERGY_ROWS: Final = (
    # The meter that the bill is written by comes before all that only look on.
    SourceRow(
        role=Role.GRID,
        kind="evn",
        subject="grid",
        energy=("energy_import",),
        back="energy_export",
        power=("power",),
        across_entries=True,
    ),
)
