"""What measures no energy: tanks, temperatures, weather, position, pulses, digital inputs."""

from copy import replace
from typing import Final

from ....common import quantities as q
from ....common.throttle import Pace
from .. import codes
from .groups import ALARMS
from .model import Category, Conversion, Family, PathRow
from .rows import (
    ERROR_CODE,
    LEVEL,
    TIMESTAMP,
    coded_fact,
    fact,
    flag,
    moment,
    number,
    rare,
    setting,
    state,
    switched,
    value,
)

_BATTERY: Final = fact("BatteryVoltage", "sensor_battery_voltage", q.VOLTAGE, enabled=True)


def _status(table: codes.Codes = codes.SENSOR_STATUS) -> PathRow:
    return state("Status", "sensor_status", table, category=Category.DIAGNOSTIC)


def _level_alarm(side: str, name: str) -> tuple[PathRow, ...]:
    """Return when a tank complains of its level: from where on, until when, and after how long."""
    folder = f"Alarms/{side}"
    return (
        switched(f"{folder}/Enable", f"{name}_alarm", enabled=False),
        setting(
            f"{folder}/Active", f"{name}_alarm_begin", q.PERCENT, number(0, 100), enabled=False
        ),
        setting(f"{folder}/Restore", f"{name}_alarm_end", q.PERCENT, number(0, 100), enabled=False),
        setting(f"{folder}/Delay", f"{name}_alarm_delay", q.DELAY, number(0, 3600), enabled=False),
    )


TANK: Final = Family(
    service="tank",
    title="Tank",
    points=(
        value("Level", "level", LEVEL),
        value("Remaining", "remaining", q.TANK_VOLUME),
        fact("Capacity", "tank_capacity", q.TANK_VOLUME),
        value("Temperature", "temperature", q.TEMPERATURE),
        state("FluidType", "fluid", codes.TANK_FLUID, category=Category.DIAGNOSTIC),
        _status(),
        _BATTERY,
        fact("RawValue", "raw_value", q.SCALAR),
        flag("Alarms/Low/State", "level_low", "problem", enabled=False),
        flag("Alarms/High/State", "level_high", "problem", enabled=False),
        *_level_alarm("Low", "low_level"),
        *_level_alarm("High", "high_level"),
    ),
)

TEMPERATURE: Final = Family(
    service="temperature",
    title="Temperature sensor",
    points=(
        value("Temperature", "temperature", q.TEMPERATURE),
        value("Humidity", "humidity", q.HUMIDITY),
        value("Pressure", "air_pressure", q.AIR_PRESSURE, reading=Conversion.AIR_PRESSURE),
        value("CO2", "carbon_dioxide", q.CARBON_DIOXIDE),
        value("PM25", "fine_dust", q.FINE_DUST),
        value("VOC", "voc_index", q.AIR_INDEX),
        value("NOX", "nox_index", q.AIR_INDEX),
        value("Luminosity", "illuminance", q.ILLUMINANCE),
        rare("AccelX", "acceleration_x", q.ACCELERATION),
        rare("AccelY", "acceleration_y", q.ACCELERATION),
        rare("AccelZ", "acceleration_z", q.ACCELERATION),
        _BATTERY,
        coded_fact(
            "TemperatureType",
            "temperature_type",
            codes.TEMPERATURE_TYPE,
        ),
        _status(),
        fact("RawValue", "raw_value", q.SCALAR),
        setting(
            "Offset", "temperature_offset", q.TEMPERATURE, number(-100, 100, 0.1), enabled=False
        ),
        setting("Scale", "temperature_scale", q.SCALAR, number(-10, 10, 0.01), enabled=False),
        *ALARMS,
    ),
)

METEO: Final = Family(
    service="meteo",
    title="Weather station",
    points=(
        value("Irradiance", "irradiance", q.IRRADIANCE),
        value("CellTemperature", "cell_temperature", q.TEMPERATURE),
        value("ExternalTemperature", "temperature", q.TEMPERATURE),
        rare("ExternalTemperature2", "second_temperature", q.TEMPERATURE),
        value("WindSpeed", "wind_speed", q.WIND_SPEED),
        value("WindDirection", "wind_direction", q.ANGLE),
        value("InstallationPower", "installation_power", q.POWER),
        value("TodaysYield", "yield_today", q.ENERGY_RESETTING),
        rare("TimeSinceLastSun", "time_since_sun", q.DURATION),
        _BATTERY,
        ERROR_CODE,
        *ALARMS,
    ),
)

# A clock: that it goes on is no news.
_SATELLITE_TIME: Final = replace(
    moment("UtcTimestamp", "satellite_time"), quantity=replace(TIMESTAMP, pace=Pace.CALM)
)

GPS: Final = Family(
    service="gps",
    title="GPS",
    points=(
        rare("Position/Latitude", "latitude", q.POSITION),
        rare("Position/Longitude", "longitude", q.POSITION),
        value("Speed", "speed", q.SPEED),
        rare("Course", "course", q.ANGLE),
        rare("Altitude", "altitude", q.ALTITUDE),
        flag("Fix", "fix", category=Category.DIAGNOSTIC),
        fact("NrOfSatellites", "satellites", q.COUNT),
        _SATELLITE_TIME,
    ),
    problem=False,
)

PULSEMETER: Final = Family(
    service="pulsemeter",
    title="Pulse meter",
    points=(
        value("Aggregate", "pulsed_volume", q.PULSED_VOLUME),
        rare("Count", "pulses", q.TOTAL_COUNT),
    ),
    problem=False,
)

DIGITALINPUT: Final = Family(
    service="digitalinput",
    title="Digital input",
    points=(
        state("State", "digital_input_state", codes.DIGITAL_INPUT_STATE),
        coded_fact(
            "Type",
            "digital_input_type",
            codes.DIGITAL_INPUT_TYPE,
        ),
        flag("InputState", "raw_input", enabled=False, category=Category.DIAGNOSTIC),
        flag("Alarm", "input_alarm", "problem"),
        switched("Settings/InvertTranslation", "invert_input", enabled=False),
        rare("Count", "pulses", q.TOTAL_COUNT),
    ),
    problem=False,
)

PUMP: Final = Family(
    service="pump",
    title="Pump",
    points=(flag("State", "pump_running", "running"),),
    problem=False,
)

MODEM: Final = Family(
    service="modem",
    title="Modem",
    # Never its IMEI, its IP address or its PIN.
    points=(
        fact("SignalStrength", "mobile_signal", q.COUNT),
        fact("NetworkName", "mobile_network", q.TEXT),
    ),
    problem=False,
)

FAMILIES: Final = (PUMP, MODEM, TANK, TEMPERATURE, METEO, GPS, PULSEMETER, DIGITALINPUT)
