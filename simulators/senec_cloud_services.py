"""The simulated services of SENEC's app: systems, measurements, wallboxes, abilities."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web

from .senec_cloud_day import Step, day_of, energies, step_at, steps_of
from .senec_cloud_homes import Account, SimulatedSystem
from .senec_cloud_series import STEPS, row, spans
from .senec_cloud_sso import Sso
from .senec_cloud_writes import Writes

type Clock = Callable[[], datetime]

MEASUREMENTS = {
    "POWER_GENERATION": "generation",
    "POWER_CONSUMPTION": "consumption",
    "GRID_IMPORT": "draw",
    "GRID_EXPORT": "feed_in",
    "BATTERY_IMPORT": "charge",
    "BATTERY_EXPORT": "discharge",
}

_TARIFFS = {"preventInterruptions", "useDynamicTariffs", "priceLimitInCtPerKwh"}
SETTINGS = {
    "fast-charge": ("fastChargingSettings", {"allowIntercharge"}),
    "solar-charge": (
        "solarOptimizeSettings",
        {"minChargingCurrentInA", "compatibilityMode", *_TARIFFS},
    ),
    "comfort-charge-expert-settings": (
        "comfortChargeSettings",
        {"minChargingCurrentInA", "allowIntercharge", *_TARIFFS},
    ),
}


def refusal(status: int, message: str | None = None) -> web.Response:
    """Return an error as SENEC's services give it."""
    body = {"status": status, "error": HTTPStatus(status).phrase, "errorCode": str(status)}
    return web.json_response({**body, "message": message, "trace": None}, status=status)


def reported(system: SimulatedSystem, now: datetime) -> datetime:
    """Return when the system last reported: every minute (V4) or every five."""
    if system.silent_since is not None:
        now = min(now, system.silent_since)
    beat = timedelta(minutes=1 if system.platform == "V4" else 5)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    return start + (now - start) // beat * beat


class AppServices:
    """The four services of the app."""

    def __init__(self, sso: Sso, clock: Clock, writing: Writes) -> None:
        """Take the SSO that knows whose token it is, and what becomes of writes."""
        self._sso = sso
        self._clock = clock
        self._writing = writing
        self.method = "POST"  # of writes to a wallbox's modes and settings; others are a 405

    def routes(self) -> list[web.RouteDef]:
        """Return what the services answer to."""
        systems, boxes = "/app-systems/systems/api/v1", "/app-wallbox/wallbox/api/v1/systems"
        series = "/app-measurements/measurements/api/v1/systems/{id}"
        box = f"{boxes}/{{id}}/wallboxes/{{box}}"
        return [
            web.get(systems, self.systems),
            web.get(f"{systems}/{{id}}/details", self.details),
            web.get(f"{systems}/status/{{id}}", self.status),
            web.get(f"{systems}/settings/forecast-charging-settings/{{id}}", self.forecast),
            web.get(f"{systems}/{{id}}/online-state", self.online_state),
            web.get("/app-abilities/abilities/api/v1/packages/{id}", self.abilities),
            web.get(f"{series}/dashboard", self.dashboard),
            web.get(f"{series}/measurements", self.measurements),
            web.get(f"{series}/data-availability/timespan", self.timespan),
            web.post(f"{boxes}/wallboxes/search", self.wallboxes),
            web.patch(f"{box}/locked/{{word}}", self.lock),
            web.get(f"{series}/wallboxes/measurements", self.wallbox_measurements),
            web.route("*", f"{box}/charging-mode/{{mode}}", self.mode),
            web.route("*", f"{box}/settings/fast-charge", self.settings),
            web.route("*", f"{box}/settings/solar-charge", self.settings),
            web.route("*", f"{box}/comfort-charge-expert-settings", self.settings),
        ]

    def _account(self, request: web.Request) -> Account:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (account := self._sso.owner(token)) is None:
            raise web.HTTPUnauthorized
        return account

    def _system(self, request: web.Request) -> SimulatedSystem:
        account = self._account(request)
        for system in account.systems:
            if str(system.id) == request.match_info["id"]:
                return system
        raise web.HTTPForbidden(text='{"status": 403, "error": "Forbidden"}')

    async def systems(self, request: web.Request) -> web.Response:
        """List the account's systems."""
        return web.json_response(
            [
                {
                    "id": system.id,
                    "controlUnitNumber": system.control_unit,
                    "caseNumber": f"C{system.id}",
                    "street": "Sonnenweg",
                    "houseNumber": "1",
                    "postalCode": "10115",
                    "city": "Berlin",
                    "countryCode": "DE",
                    "timezoneText": system.zone_text or system.home.zone,
                    "wallboxIds": [box["id"] for box in system.wallboxes],
                    "product": {"name": system.name, "generation": system.generation},
                }
                for system in self._account(request).systems
            ]
        )

    @staticmethod
    def _state(system: SimulatedSystem, step: Step) -> dict[str, Any]:
        is_v4 = system.platform == "V4"
        word = "LADEN" if step.charge else "ENTLADEN" if step.discharge else "PASSIV"
        return {
            "name": system.state_word or ("RUN_GRID" if is_v4 else word),
            "severity": None if is_v4 else "INFO",
        }

    async def status(self, request: web.Request) -> web.Response:
        """Tell the state alone; of a V4 this service knows nothing."""
        system = self._system(request)
        if system.platform == "V4":
            return refusal(404)
        moment = reported(system, self._clock())
        state = self._state(system, step_at(system.home, moment))
        return web.json_response(
            {
                **state,
                "firmwareVersion": "833",
                "guiVersion": 970,
                "lastContact": moment.isoformat(),
                "operatingMode": "FULL_OPERATION",
            }
        )

    async def forecast(self, request: web.Request) -> web.Response:
        """Tell how forecast charging is set; systems without it are a bad request."""
        system = self._system(request)
        if system.forecast_charging is None:
            return refusal(400)
        return web.json_response(
            {"chargingMode": system.forecast_charging, "warrantyAccepted": False}
        )

    async def details(self, request: web.Request) -> web.Response:
        """Tell what changes slowly."""
        system = self._system(request)
        step = step_at(system.home, reported(system, self._clock()))
        is_v4 = system.platform == "V4"
        state = self._state(system, step)
        modules = 5 if is_v4 else 4
        details: dict[str, Any] = {
            "systemOverview": {"systemId": system.id, "productName": system.name},
            "casing": {"serial": f"C{system.id}", "temperatureInCelsius": 31.25},
            "mcu": {
                "mainControllerSerial": system.control_unit,
                "mainControllerUnitState": state,
                "firmwareVersion": "SENEC_OS_V_4_3_2" if is_v4 else "833",
                "lastContact": {
                    "timestamp": reported(system, self._clock()).isoformat(),
                    "severity": "INFO",
                },
                "ipAddress": "192.0.2.7",
            },
            "batteryPack": {
                "numberOfBatteryModules": modules,
                "technology": "LITHIUM_IRON_PHOSPHATE",
                "currentChargingLevelInPercent": round(step.level),
                "maxCapacityInKwh": system.home.capacity / 1000,
                **(
                    {
                        "currentVoltageInV": 412.5,
                        "currentCurrentInA": round((step.charge - step.discharge) / 412.5, 2),
                        "remainingCapacityInPercent": 98.4,
                    }
                    if is_v4
                    else {}
                ),
            },
            "batteryModules": [
                {
                    "ordinal": number,
                    "serialNumber": f"M{system.id}{number}",
                    "state": {"state": "OK", "severity": "OK"},
                    **({"minTemperature": 21.0, "maxTemperature": 23.5} if is_v4 else {}),
                }
                for number in range(1, modules + 1)
            ],
            "installer": {"companyName": "Solar GmbH", "email": "info@example.com"},
        }
        if is_v4:
            details["batteryInverter"] = {
                "state": {"name": "RUN_GRID"},
                "temperatures": {"amb": 30.0, "max": 41.5},
            }
        return web.json_response(details)

    async def online_state(self, request: web.Request) -> web.Response:
        """Tell whether the system reports."""
        system = self._system(request)
        state = "ONLINE" if system.silent_since is None else "OFFLINE"
        return web.json_response({"state": state, "id": str(system.id)})

    async def abilities(self, request: web.Request) -> web.Response:
        """Tell what the system can do."""
        packages = list(self._system(request).packages)
        return web.json_response({"warrantyPackage": None, "packageTypes": packages})

    async def dashboard(self, request: web.Request) -> web.Response:
        """Tell powers and the day's energies as of the last report."""
        system = self._system(request)
        moment = reported(system, self._clock())
        step = step_at(system.home, moment)
        begin = steps_of(system.home, day_of(system.home, moment))[0].start
        today = energies(system.home, begin, moment)
        level = {"batteryLevelInPercent": step.level, "selfSufficiencyInPercent": 80.0}
        known = {box["id"] for box in system.wallboxes}
        asked = [id_ for id_ in request.query.get("wallboxIds", "").split(",") if id_]
        if not known.issuperset(asked):
            return refusal(403)
        left_out = 0.0 if system.consumption_holds_wallbox else 1.0
        currently = {
            "powerGenerationInW": step.generation or 1e-05,
            "powerConsumptionInW": step.consumption - left_out * step.wallbox,
            "gridFeedInInW": step.feed_in or 1e-05,
            "gridDrawInW": step.draw or 1e-05,
            "batteryChargeInW": step.charge or 1e-05,
            "batteryDischargeInW": step.discharge or 1e-05,
            "wallboxInW": step.wallbox if asked else 0.0,
            **level,
            **system.currently,
        }
        day = {
            "powerGenerationInWh": today["generation"],
            "powerConsumptionInWh": today["consumption"] - left_out * today["wallbox"],
            "gridFeedInInWh": today["feed_in"],
            "gridDrawInWh": today["draw"],
            "batteryChargeInWh": today["charge"],
            "batteryDischargeInWh": today["discharge"],
            "wallboxInWh": today["wallbox"],
            **level,
            **system.today,
        }
        if not asked:
            day["wallboxInWh"] = 0.0
        connected = system.currently.get("ev_connected", step.wallbox > 0)
        return web.json_response(
            {
                "currently": currently,
                "today": day,
                "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "electricVehicleConnected": bool(asked) and connected,
                "numberOfWallboxes": len(asked),
                "systemId": system.id,
                "systemType": system.platform,
                "storageDeviceState": "CHARGING" if step.charge else "DISCHARGING",
            }
        )

    async def measurements(self, request: web.Request) -> web.Response:
        """Tell energies in kWh by the hour or the year; of the wallbox only if it is asked for."""
        system = self._system(request)
        resolution = request.query.get("resolution")
        if resolution not in STEPS:
            return refusal(400, "not simulated")
        with_wallbox = bool(request.query.get("wallboxIds"))
        rows = []
        for moment, end in spans(request, resolution, self._clock()):
            span = energies(system.home, moment, min(end, self._clock()))
            wallbox = span["wallbox"] / 1000
            if system.history_wallbox_kwh is not None:
                of_day = steps_of(system.home, day_of(system.home, moment))[0].start
                wallbox = system.history_wallbox_kwh if moment == of_day else 0.0
            values = {name: span[flow] / 1000 for name, flow in MEASUREMENTS.items()}
            if not with_wallbox or not system.consumption_holds_wallbox:
                values["POWER_CONSUMPTION"] -= span["wallbox"] / 1000
            values |= {"BATTERY_LEVEL_IN_PERCENT": 50.0, "AUTARKY_IN_PERCENT": 80.0}
            values["WALLBOX_CONSUMPTION"] = wallbox if with_wallbox else 0.0
            rows.append(row(moment, end, list(values.values())))
        names = [*MEASUREMENTS, "BATTERY_LEVEL_IN_PERCENT", "AUTARKY_IN_PERCENT"]
        return web.json_response(
            {"timeSeries": rows, "measurements": [*names, "WALLBOX_CONSUMPTION"]}
        )

    async def wallbox_measurements(self, request: web.Request) -> web.Response:
        """Tell the energies of one wallbox: all of them share alike what is charged."""
        system = self._system(request)
        resolution = request.query.get("resolution", "")
        if STEPS.get(resolution) is None:
            return refusal(400, "not simulated")
        share = len(system.wallboxes)
        rows = []
        for moment, end in spans(request, resolution, self._clock()):
            span = energies(system.home, moment, min(end, self._clock()))
            rows.append(row(moment, end, [span["wallbox"] / 1000 / share]))
        return web.json_response({"timeseries": rows, "measurements": ["WALLBOX_CONSUMPTION"]})

    async def timespan(self, request: web.Request) -> web.Response:
        """Tell since when there are measurements."""
        self._system(request)
        first = datetime(2024, 5, 1, tzinfo=UTC)
        span = {
            "periodEndDateInMilliseconds": int(self._clock().timestamp() * 1000),
            "periodStartDateInMilliseconds": int(first.timestamp() * 1000),
        }
        return web.json_response(span)

    async def wallboxes(self, request: web.Request) -> web.Response:
        """List the wallboxes of some systems."""
        account = self._account(request)
        wanted = {str(item) for item in (await request.json())["systemIds"]}
        boxes = []
        for system in account.systems:
            if str(system.id) in wanted:
                step = step_at(system.home, reported(system, self._clock()))
                for box in system.wallboxes:
                    charging = step.wallbox > 0 and not box["prohibitUsage"]
                    box["state"]["electricVehicleConnected"] = step.wallbox > 0
                    box["state"]["isCharging"] = charging
                    box["state"]["statusCode"] = "CHARGING" if charging else "WAITING_FOR_EV"
                    power = step.wallbox / 1000 if charging else 0.0
                    box["chargingCurrents"]["currentApparentChargingPowerInKw"] = power
                    boxes.append(box)
        return web.json_response(boxes)

    def _box(self, request: web.Request) -> dict[str, Any]:
        for box in self._system(request).wallboxes:
            if box["id"] == request.match_info["box"]:
                return box
        raise web.HTTPNotFound

    async def lock(self, request: web.Request) -> web.Response:
        """Lock or unlock a wallbox."""
        box = self._box(request)
        self._writing.take(
            partial(box.__setitem__, "prohibitUsage", request.match_info["word"] == "true")
        )
        return web.json_response(box)

    async def mode(self, request: web.Request) -> web.Response:
        """Choose how a wallbox charges."""
        box = self._box(request)
        if request.method != self.method:
            return refusal(405)
        if request.match_info["mode"] not in {"FAST", "SOLAR", "COMFORT"}:
            return refusal(400, "unknown charging mode")
        self._writing.take(
            partial(box["chargingMode"].__setitem__, "type", request.match_info["mode"])
        )
        return web.json_response(box)

    async def settings(self, request: web.Request) -> web.Response:
        """Take settings of a charging mode; null and keys of reads alone are refused."""
        box = self._box(request)
        if request.method != self.method:
            return refusal(405)
        name, keys = SETTINGS[request.path.rsplit("/", 1)[1]]
        sent = await request.json()
        if None in sent.values() or not keys.issuperset(sent):
            return refusal(400, "a setting that is none")
        if name == "comfortChargeSettings":
            if "minChargingCurrentInA" not in sent:
                return refusal(400, "minChargingCurrentInA is missing")
            sent["configuredChargingCurrent"] = sent.pop("minChargingCurrentInA")
        self._writing.take(partial(box["chargingMode"][name].update, sent))
        return web.json_response(box)
