"""What the meters of a SmartLog bring into the energy dashboard."""

from typing import Final

from homeassistant.components.sensor.const import SensorDeviceClass

from ..energy_dashboard.rows import Role, Several, SourceRow

ENERGY_ROWS: Final = (
    # A meter of electricity is told from one of heat by its OBIS code: 1-x:1.8.0 is its total.
    SourceRow(
        role=Role.DEVICE,
        kind="smartlog",
        subject="smartlog_electricity",
        energy=(r".+_1_\d+_1_8_0_255", r".+_1_\d+_1_8_0_\d+"),
        power=(r".+_1_\d+_1_7_0_255", r".+_1_\d+_16_7_0_255"),
    ),
    SourceRow(
        role=Role.GAS,
        kind="smartlog",
        subject="gas",
        energy=(r".+_7_\d+_3_0_0_255", r".+"),
        power=(r".+",),
        device_class=SensorDeviceClass.GAS,
        power_class=SensorDeviceClass.VOLUME_FLOW_RATE,
        several=Several.CHOOSE,
        across_entries=True,
    ),
    SourceRow(
        role=Role.WATER,
        kind="smartlog",
        subject="water",
        energy=(r".+_[89]_\d+_1_0_0_255", r".+"),
        power=(r".+",),
        device_class=SensorDeviceClass.WATER,
        power_class=SensorDeviceClass.VOLUME_FLOW_RATE,
        several=Several.AS_DEVICES,
        across_entries=True,
    ),
)
