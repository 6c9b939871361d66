"""The states that a SENEC system reports of itself: number, slug, severity.

Numbers 0-98 are those of the device's own page (`system_state_name` of firmware 0826), 99 and 100
came later. The slugs are the options of the sensor `current_state`; texts are translations.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Severity(StrEnum):
    """How much a state should worry its owner."""

    OK = "ok"  # normal running: what the SENEC collector calls current_state_ok
    NOTICE = "notice"  # on purpose or passing, but not everyday running
    WARNING = "warning"  # works less than it could, or wants somebody to look
    FAULT = "fault"  # does not work


class SystemState:
    """One row of the table of states."""

    __slots__ = ("code", "severity", "slug")

    def __init__(self, code: int, slug: str, severity: Severity) -> None:
        """Say what a number means."""
        self.code = code
        self.slug = slug
        self.severity = severity


_OK: Final = Severity.OK
_NOTICE: Final = Severity.NOTICE
_WARNING: Final = Severity.WARNING
_FAULT: Final = Severity.FAULT

SYSTEM_STATES: Final = (
    SystemState(0, "initial_state", _NOTICE),
    SystemState(1, "no_charger_communication", _FAULT),
    SystemState(2, "power_meter_error", _FAULT),
    SystemState(3, "ripple_control_receiver", _NOTICE),
    SystemState(4, "initial_charge", _NOTICE),
    SystemState(5, "maintenance_charge", _NOTICE),
    SystemState(6, "maintenance_charge_finished", _NOTICE),
    SystemState(7, "maintenance_required", _WARNING),
    SystemState(8, "manual_safety_charge", _NOTICE),
    SystemState(9, "safety_charge_finished", _NOTICE),
    SystemState(10, "full_charge", _NOTICE),
    SystemState(11, "equalization_charge", _NOTICE),
    SystemState(12, "desulfation_charge", _NOTICE),
    SystemState(13, "battery_full", _OK),
    SystemState(14, "charging", _OK),
    SystemState(15, "battery_empty", _OK),
    SystemState(16, "discharging", _OK),
    SystemState(17, "pv_and_discharging", _OK),
    SystemState(18, "grid_and_discharging", _OK),
    SystemState(19, "passive", _NOTICE),
    SystemState(20, "switched_off", _WARNING),
    SystemState(21, "self_consumption", _OK),
    SystemState(22, "restart", _NOTICE),
    SystemState(23, "manual_equalization_charge", _NOTICE),
    SystemState(24, "manual_desulfation_charge", _NOTICE),
    SystemState(25, "safety_charge", _NOTICE),
    SystemState(26, "battery_protection", _WARNING),
    SystemState(27, "eg_error", _FAULT),
    SystemState(28, "eg_charging", _NOTICE),
    SystemState(29, "eg_discharging", _NOTICE),
    SystemState(30, "eg_passive", _NOTICE),
    SystemState(31, "eg_charging_prohibited", _NOTICE),
    SystemState(32, "eg_discharging_prohibited", _NOTICE),
    SystemState(33, "emergency_charge", _WARNING),
    SystemState(34, "software_update", _NOTICE),
    SystemState(35, "grid_protection_error", _FAULT),
    SystemState(36, "grid_protection_error_grid", _FAULT),
    SystemState(37, "grid_protection_error_hardware", _FAULT),
    SystemState(38, "no_server_connection", _WARNING),
    SystemState(39, "bms_error", _FAULT),
    SystemState(40, "maintenance_filter", _WARNING),
    SystemState(41, "lithium_shutdown", _FAULT),
    SystemState(42, "waiting_for_surplus", _NOTICE),
    SystemState(43, "capacity_test_charging", _NOTICE),
    SystemState(44, "capacity_test_discharging", _NOTICE),
    SystemState(45, "manual_desulfation_waiting", _NOTICE),
    SystemState(46, "manual_desulfation_finished", _NOTICE),
    SystemState(47, "manual_desulfation_error", _FAULT),
    SystemState(48, "equalization_waiting", _NOTICE),
    SystemState(49, "emergency_charge_error", _FAULT),
    SystemState(50, "manual_equalization_waiting", _NOTICE),
    SystemState(51, "manual_equalization_error", _FAULT),
    SystemState(52, "manual_equalization_finished", _NOTICE),
    SystemState(53, "automatic_desulfation_waiting", _NOTICE),
    SystemState(54, "absorption_phase", _OK),
    SystemState(55, "battery_disconnector_off", _WARNING),
    SystemState(56, "peak_shaving_waiting", _OK),
    SystemState(57, "charger_error", _FAULT),
    SystemState(58, "npu_error", _FAULT),
    SystemState(59, "bms_offline", _FAULT),
    SystemState(60, "maintenance_charge_error", _FAULT),
    SystemState(61, "manual_safety_charge_error", _FAULT),
    SystemState(62, "safety_charge_error", _FAULT),
    SystemState(63, "no_master_connection", _FAULT),
    SystemState(64, "lithium_safe_mode_active", _WARNING),
    SystemState(65, "lithium_safe_mode_ended", _NOTICE),
    SystemState(66, "battery_voltage_error", _FAULT),
    SystemState(67, "bms_dc_switched_off", _WARNING),
    SystemState(68, "grid_initialization", _NOTICE),
    SystemState(69, "grid_stabilization", _NOTICE),
    SystemState(70, "remote_shutdown", _WARNING),
    SystemState(71, "offpeak_charging", _NOTICE),
    SystemState(72, "half_bridge_error", _FAULT),
    SystemState(73, "bms_operating_temperature_error", _FAULT),
    SystemState(74, "factory_settings_not_found", _FAULT),
    SystemState(75, "backup_power", _NOTICE),
    SystemState(76, "backup_power_battery_empty", _WARNING),
    SystemState(77, "backup_power_error", _FAULT),
    SystemState(78, "initialization", _NOTICE),
    SystemState(79, "installation_mode", _NOTICE),
    SystemState(80, "grid_outage", _WARNING),
    SystemState(81, "bms_update_required", _WARNING),
    SystemState(82, "bms_configuration_required", _WARNING),
    SystemState(83, "insulation_test", _NOTICE),
    SystemState(84, "self_test", _NOTICE),
    SystemState(85, "external_control", _NOTICE),
    SystemState(86, "temperature_sensor_error", _FAULT),
    SystemState(87, "grid_operator_charging_blocked", _NOTICE),
    SystemState(88, "grid_operator_discharging_blocked", _OK),
    SystemState(89, "reserve_capacity", _OK),
    SystemState(90, "self_test_error", _FAULT),
    SystemState(91, "insulation_fault", _FAULT),
    SystemState(92, "pv_mode", _NOTICE),
    SystemState(93, "grid_operator_remote_shutdown", _WARNING),
    SystemState(94, "drm0_error", _FAULT),
    SystemState(95, "battery_diagnosis", _NOTICE),
    SystemState(96, "balancing", _NOTICE),
    SystemState(97, "safety_discharge", _NOTICE),
    SystemState(98, "bms_error_module_imbalance", _FAULT),
    SystemState(99, "wake_up_charge", _NOTICE),
    SystemState(100, "sox_calibration", _NOTICE),
)

STATE_BY_CODE: Final[Mapping[int, SystemState]] = MappingProxyType(
    {state.code: state for state in SYSTEM_STATES}
)
STATE_SLUGS: Final = tuple(state.slug for state in SYSTEM_STATES)
OK_CODES: Final = frozenset(state.code for state in SYSTEM_STATES if state.severity is _OK)


def is_ok(code: int) -> bool:
    """Return whether the number stands for everyday running; an unknown number does not."""
    return code in OK_CODES
