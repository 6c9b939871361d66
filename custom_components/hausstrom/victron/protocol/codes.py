"""Code tables: the numbers that a GX publishes for states, as slugs.

A slug is the value of an enum entity and the key of its translation. A code that is in no table
is harmless: the entity has no value, and the code itself stands in diagnostics.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Codes(NamedTuple):
    """A table of codes. `writable` are the codes that may be chosen where the value can be set."""

    slugs: Mapping[int, str]
    writable: tuple[int, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """The slugs an entity can have, each once, in the order of the table."""
        return tuple(dict.fromkeys(self.slugs.values()))

    @property
    def choices(self) -> tuple[str, ...]:
        """The slugs that may be chosen."""
        return tuple(self.slugs[code] for code in self.writable)

    def code(self, slug: str) -> int:
        """Return the code to write for a slug; raises KeyError for one that cannot be chosen."""
        for code in self.writable:
            if self.slugs[code] == slug:
                return code
        raise KeyError(slug)


DEVICE_STATE: Final = Codes(
    {
        0: "off",
        1: "low_power",
        2: "fault",
        3: "bulk",
        4: "absorption",
        5: "float",
        6: "storage",
        7: "equalize",
        8: "passthru",
        9: "inverting",
        10: "assisting",
        11: "power_supply",
        244: "sustain",
        245: "wake_up",
        246: "repeated_absorption",
        247: "auto_equalize",
        248: "battery_safe",
        249: "load_detect",
        250: "blocked",
        251: "test",
        252: "external_control",
        256: "discharging",
        257: "sustain",
        258: "recharge",
        259: "scheduled_charge",
        260: "dynamic_ess",
    }
)
"""State of anything that charges or inverts, and (from 256 on) of the whole system."""

INVERTER_CHARGER_MODE: Final = Codes(
    {1: "charger_only", 2: "inverter_only", 3: "on", 4: "off", 251: "passthrough"},
    writable=(1, 2, 3, 4),
)
INVERTER_MODE: Final = Codes(
    {
        1: "charger_only",
        2: "on",
        3: "on",
        4: "off",
        5: "eco",
        251: "passthrough",
        252: "standby",
        253: "hibernate",
    },
    writable=(2, 4, 5),
)
CHARGER_MODE: Final = Codes({1: "on", 4: "off"}, writable=(1, 4))
BATTERY_MODE: Final = Codes({3: "on", 4: "off", 252: "standby"}, writable=(3, 252))
ACTIVE_INPUT: Final = Codes({0: "ac_input_1", 1: "ac_input_2", 240: "disconnected"})
INPUT_SOURCE: Final = Codes(
    {0: "not_available", 1: "grid", 2: "generator", 3: "shore", 240: "disconnected"}
)
INPUT_TYPE: Final = Codes(
    {0: "unused", 1: "grid", 2: "generator", 3: "shore"}, writable=(0, 1, 2, 3)
)
CHARGE_PHASE: Final = Codes(
    {
        0: "initialising",
        1: "bulk",
        2: "absorption",
        3: "float",
        4: "storage",
        5: "repeated_absorption",
        6: "forced_absorption",
        7: "equalize",
        8: "bulk_stopped",
        9: "unknown",
    }
)
TRACKER_MODE: Final = Codes({0: "off", 1: "limited", 2: "tracking", 255: "not_available"})
OFF_REASON: Final = Codes(
    {
        0: "none",
        1: "no_input_power",
        2: "power_switch",
        4: "mode_register",
        8: "remote_input",
        16: "protection",
        32: "token_needed",
        64: "bms",
        128: "engine_shutdown",
        256: "analysing_input",
        512: "low_temperature",
        1024: "no_panel_power",
        2048: "no_battery_power",
        32768: "active_alarm",
    }
)
"""Bits; the lowest one set is the reason shown."""
BATTERY_FLOW: Final = Codes({0: "idle", 1: "charging", 2: "discharging"})
BATTERY_STATE: Final = Codes(
    {
        **dict.fromkeys(range(9), "initialising"),
        9: "running",
        10: "error",
        11: "unknown",
        12: "shutdown",
        13: "updating",
        14: "standby",
        15: "going_to_run",
        16: "precharging",
        17: "contactor_check",
        18: "pending",
    }
)
BALANCER: Final = Codes({0: "unknown", 1: "balanced", 2: "balancing", 3: "imbalance"})
ALARM: Final = Codes({0: "ok", 1: "warning", 2: "alarm"})
LED: Final = Codes({0: "off", 1: "on", 2: "blinking", 3: "blinking_inverted"})
"""Blinking together with others, or when they do not (mk2-dbus, VE.Bus LED states)."""
TANK_FLUID: Final = Codes(
    {
        0: "fuel",
        1: "fresh_water",
        2: "waste_water",
        3: "live_well",
        4: "oil",
        5: "black_water",
        6: "gasoline",
        7: "diesel",
        8: "lpg",
        9: "lng",
        10: "hydraulic_oil",
        11: "raw_water",
    }
)
SENSOR_STATUS: Final = Codes(
    {
        0: "ok",
        1: "disconnected",
        2: "short_circuited",
        3: "reverse_polarity",
        4: "unknown",
        5: "error",
    }
)
TEMPERATURE_TYPE: Final = Codes(
    {
        0: "battery",
        1: "fridge",
        2: "generic",
        3: "room",
        4: "outdoor",
        5: "water_heater",
        6: "freezer",
    }
)
EV_CHARGER_STATUS: Final = Codes(
    {
        0: "disconnected",
        1: "connected",
        2: "charging",
        3: "charged",
        4: "waiting_for_sun",
        5: "waiting_for_rfid",
        6: "waiting_for_start",
        7: "low_soc",
        8: "ground_test_error",
        9: "welded_contacts",
        10: "cp_shorted",
        11: "residual_current",
        12: "undervoltage",
        13: "overvoltage",
        14: "overheating",
        20: "charging_limit",
        21: "start_charging",
        22: "switching_to_3_phase",
        23: "switching_to_1_phase",
        24: "stop_charging",
    }
)
EV_CHARGER_MODE: Final = Codes({0: "manual", 1: "auto", 2: "scheduled"}, writable=(0, 1, 2))
LOAD_POSITION: Final = Codes({0: "ac_output", 1: "ac_input"}, writable=(0, 1))
SOURCE_POSITION: Final = Codes({0: "ac_input_1", 1: "ac_output", 2: "ac_input_2"})
PV_INVERTER_STATUS: Final = Codes(
    {
        **dict.fromkeys(range(7), "startup"),
        7: "running",
        8: "standby",
        9: "boot_loading",
        10: "error",
        11: "tracking",
        12: "throttled",
    }
)
GENSET_STATUS: Final = Codes(
    {
        0: "standby",
        **dict.fromkeys(range(1, 8), "startup"),
        8: "running",
        9: "stopping",
        10: "error",
    }
)
GENERATOR_STATE: Final = Codes(
    {
        0: "stopped",
        1: "running",
        2: "warming_up",
        3: "cooling_down",
        4: "stopping",
        5: "stopped_by_tank_level",
        10: "error",
    }
)
GENERATOR_CONDITION: Final = Codes(
    {
        0: "stopped",
        1: "manual",
        2: "test_run",
        3: "lost_communication",
        4: "soc",
        5: "ac_load",
        6: "battery_current",
        7: "battery_voltage",
        8: "inverter_temperature",
        9: "inverter_overload",
        10: "stop_on_ac_input",
    }
)
GENERATOR_ERROR: Final = Codes({0: "none", 1: "remote_disabled", 2: "remote_fault"})
HEAT_PUMP_STATE: Final = Codes({0: "off", 1: "error", 2: "startup", 3: "heating", 4: "cooling"})
DIGITAL_INPUT_STATE: Final = Codes(
    {
        0: "low",
        1: "high",
        2: "off",
        3: "on",
        4: "no",
        5: "yes",
        6: "open",
        7: "closed",
        8: "ok",
        9: "alarm",
        10: "running",
        11: "stopped",
    }
)
DIGITAL_INPUT_TYPE: Final = Codes(
    {
        0: "disabled",
        1: "pulse_meter",
        2: "door",
        3: "bilge_pump",
        4: "bilge_alarm",
        5: "burglar_alarm",
        6: "smoke_alarm",
        7: "fire_alarm",
        8: "co2_alarm",
        9: "generator",
        10: "generic",
        11: "touch_control",
    }
)
EV_STATE: Final = Codes(
    {
        0: "not_charging",
        1: "low_power",
        3: "charging",
        244: "sustain",
        245: "wake_up",
        250: "blocked",
        255: "not_available",
        256: "discharging",
        259: "scheduled_charge",
    }
)
GEAR: Final = Codes({0: "neutral", 1: "reverse", 2: "forward"})
ESS_MODE: Final = Codes(
    {
        0: "with_battery_life",
        1: "without_battery_life",
        2: "keep_charged",
        3: "external_control",
    },
    writable=(0, 1, 2, 3),
)
"""The mode as the GX's menu shows it; on the bus it is made of two settings (see `derived`)."""
DYNAMIC_ESS_MODE: Final = Codes(
    {0: "off", 1: "auto", 2: "buy", 3: "sell", 4: "local"}, writable=(0, 1, 4)
)
SCHEDULE_DAY: Final = Codes(
    {
        # A schedule that is switched off keeps its day as a negative number.
        **dict.fromkeys(range(-12, 0), "disabled"),
        0: "sunday",
        1: "monday",
        2: "tuesday",
        3: "wednesday",
        4: "thursday",
        5: "friday",
        6: "saturday",
        7: "every_day",
        8: "weekdays",
        9: "weekends",
        11: "monthly",
    },
    writable=(-7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
)
PHASE_COMPENSATION: Final = Codes(
    {1: "with_phase_compensation", 2: "without_phase_compensation", 3: "external_control"},
    writable=(1, 2),
)
DYNAMIC_ESS_ERROR: Final = Codes(
    {
        0: "none",
        1: "no_ess",
        2: "ess_mode",
        3: "no_schedule",
        4: "low_soc",
        5: "capacity_missing",
    }
)
DYNAMIC_ESS_RESTRICTIONS: Final = Codes(
    {0: "none", 1: "no_battery_to_grid", 2: "no_grid_to_battery", 3: "no_flow"}
)
DYNAMIC_ESS_STRATEGY: Final = Codes(
    {0: "target_soc", 1: "self_consumption", 2: "pro_battery", 3: "pro_grid"}
)
DYNAMIC_ESS_REACTION: Final = Codes(
    {
        1: "self_consume",
        2: "charge_grid",
        3: "charge_enhanced",
        4: "accept_charge",
        5: "idle_feed_in",
        6: "discharge",
        7: "accept_discharge",
        8: "idle_surplus",
        9: "idle_target",
        10: "charge_smooth",
        11: "charge_feed_in",
        12: "charge_no_grid",
        13: "discharge_minimum",
        14: "self_consume_no_grid",
        15: "idle_no_opportunity",
        16: "charge_catch_up",
        17: "discharge_increased",
        18: "keep_charged",
        19: "discharge_smooth",
        92: "disabled",
        93: "exception",
        94: "charge_rate",
        95: "operating_mode",
        96: "ess_low_soc",
        97: "unmapped",
        98: "unpredicted",
        99: "no_window",
    }
)
VRM_ACCESS: Final = Codes({0: "off", 1: "read_only", 2: "full"}, writable=(0, 1, 2))
PUMP_MODE: Final = Codes({0: "auto", 1: "on", 2: "off"}, writable=(0, 1, 2))
FIRMWARE_STATE: Final = Codes(
    {
        0: "idle",
        997: "file_missing",
        998: "failed",
        999: "check_failed",
        1000: "idle",
        1001: "checking",
        1002: "installing",
        1003: "restarting",
    }
)
