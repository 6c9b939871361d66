"""The simulated mein-senec.de and SENEC.Connect."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from random import Random
from typing import Any

from aiohttp import web

from .senec_cloud_day import step_at
from .senec_cloud_homes import CONNECT_KEY, Account, SimulatedSystem
from .senec_cloud_services import refusal, reported
from .senec_cloud_sso import REALM, Sso
from .senec_cloud_writes import Writes

type Clock = Callable[[], datetime]

MODES = {"DEACTIVATED", "MANUAL", "AUTO"}


class WebSite:
    """mein-senec.de: a session that ends, and what hangs on anlageNummer."""

    def __init__(self, accounts: list[Account], sso: Sso, clock: Clock, writing: Writes) -> None:
        """Take the SSO that lets people in, and what becomes of writes."""
        self._writing = writing
        self._accounts = accounts
        self._sso = sso
        self._clock = clock
        self._sessions: dict[str, Account] = {}
        self._numbers = count()
        self.says_ended_with = "401"  # or "403", "login" for a login page, "redirect"
        self.login_title = "Login - SENEC"
        self.beyond_the_end = 404  # what is answered to a number that no system has

    def routes(self) -> list[web.RouteDef]:
        """Return what the site answers to."""
        api = "/web/endkunde/api"
        return [
            web.get("/web/", self.home),
            web.get("/web/login", self.login),
            web.get("/web/endkunde/", self.customer),
            web.get(f"{api}/context/getEndkunde", self.who),
            web.get(f"{api}/context/getAnlageBasedNavigationViewModel", self.plant),
            web.get(f"{api}/peakshaving/getSettings", self.get_settings),
            web.post(f"{api}/peakshaving/saveSettings", self.save_settings),
            web.get(f"{api}/senec/{{n}}/emergencypower/reserve-in-percent", self.get_reserve),
            web.post(f"{api}/senec/{{n}}/emergencypower", self.save_reserve),
            web.get(f"{api}/senec/{{n}}/sgready/state", self.sg_ready_state),
            web.get(f"{api}/senec/{{n}}/sgready/config", self.sg_ready_config),
            web.post(f"{api}/senec/{{n}}/sgready", self.save_sg_ready),
            web.get(f"{api}/steckdosen/findByGeraetenummer", self.sockets),
            web.post(f"{api}/steckdosen/save", self.save_sockets),
        ]

    def end_sessions(self) -> None:
        """End all sessions of the site; those of the SSO stay."""
        self._sessions.clear()

    async def home(self, request: web.Request) -> web.Response:
        """Send a stranger to the SSO and a known person inside."""
        if request.cookies.get("SESSION", "") in self._sessions:
            raise web.HTTPFound("/web/endkunde/")
        sso = (
            f"{REALM}/protocol/openid-connect/auth?client_id=meinsenec&response_type=code"
            f"&redirect_uri={request.scheme}://{request.host}/web/login"
        )
        raise web.HTTPFound(sso)

    async def login(self, request: web.Request) -> web.Response:
        """Take the code of the SSO and open a session."""
        account, _ = self._sso.codes.pop(request.query.get("code", ""), (None, {}))
        if account is None:
            raise web.HTTPFound("/web/")
        session = f"web{next(self._numbers)}"
        self._sessions[session] = account
        redirect = web.HTTPFound("/web/endkunde/")
        redirect.set_cookie("SESSION", session, path="/web/")
        raise redirect

    async def customer(self, request: web.Request) -> web.Response:
        """Show the page behind the sign-in."""
        self._account(request)
        return web.Response(text="<html><title>mein-senec</title></html>", content_type="text/html")

    def _account(self, request: web.Request) -> Account:
        account = self._sessions.get(request.cookies.get("SESSION", ""))
        if account is not None:
            return account
        match self.says_ended_with:
            case "403":
                raise web.HTTPForbidden
            case "login":
                page = (
                    f"<!DOCTYPE html><html><title>{self.login_title}</title>"
                    '<form id="kc-form-login" action="/sso"><input name="username">'
                    '<input name="password" type="password"></form></html>'
                )
                raise web.HTTPOk(text=page, content_type="text/html")
            case "redirect":
                raise web.HTTPFound("/web/")
        raise web.HTTPUnauthorized

    def _system(self, request: web.Request) -> SimulatedSystem:
        number = request.query.get("anlageNummer") or request.match_info.get("n")
        for system in self._account(request).systems:
            if str(system.web_number) == number:
                return system
        if self.beyond_the_end == 500:
            raise web.HTTPInternalServerError
        raise web.HTTPNotFound

    async def who(self, request: web.Request) -> web.Response:
        """Tell who the customer is, and how many systems there are."""
        numbers = [system.web_number for system in self._account(request).systems]
        return web.json_response({"devNumber": "0", "anzahlAnlagen": max(numbers) + 1})

    async def plant(self, request: web.Request) -> web.Response:
        """Tell what the site shows for a system."""
        system = self._system(request)
        return web.json_response(
            {
                "master": True,
                "steuereinheitnummer": system.control_unit,
                "produktName": system.name,
                "zoneId": system.home.zone,
                "peakShavingVisible": "PEAK_SHAVING" in system.packages,
                "sgReadyVisible": "SG_READY" in system.packages,
                "steckdosenVisible": "SOCKETS" in system.packages,
            }
        )

    async def get_settings(self, request: web.Request) -> web.Response:
        """Tell the peak-shaving settings."""
        return web.json_response(self._system(request).peak_shaving)

    async def save_settings(self, request: web.Request) -> web.Response:
        """Take mode, capacity limit and end, all three."""
        system = self._system(request)
        query = request.query
        if not {"mode", "capacityLimit", "endzeit"} <= query.keys():
            return refusal(400, "parameters are missing")
        limit = int(query["capacityLimit"])
        if query["mode"] not in MODES or not 0 <= limit <= 90:
            return refusal(400, "capacityLimit must be between 0 and 90")
        end = datetime.fromtimestamp(int(query["endzeit"]) / 1000, UTC)
        self._writing.take(
            partial(
                system.shave,
                {
                    "peakShavingMode": query["mode"],
                    "peakShavingCapacityLimitInPercent": limit,
                    "peakShavingLocalEndTime": [end.hour, end.minute],
                    "peakShavingEndDate": int(query["endzeit"]),
                },
                self._clock(),
            )
        )
        return web.json_response({})

    async def get_reserve(self, request: web.Request) -> web.Response:
        """Tell the emergency reserve."""
        return web.json_response(self._system(request).reserve)

    async def save_reserve(self, request: web.Request) -> web.Response:
        """Take the emergency reserve."""
        reserve = int(request.query["reserve-in-percent"])
        self._writing.take(partial(setattr, self._system(request), "reserve", reserve))
        return web.Response()

    async def sg_ready_state(self, request: web.Request) -> web.Response:
        """Tell the relay's mode."""
        self._system(request)
        return web.json_response("MODE2")

    async def sg_ready_config(self, request: web.Request) -> web.Response:
        """Tell SG-Ready's settings."""
        return web.json_response(self._system(request).sg_ready)

    async def save_sg_ready(self, request: web.Request) -> web.Response:
        """Take SG-Ready's settings, all of them."""
        system, sent = self._system(request), await request.json()
        if sent.keys() != system.sg_ready.keys():
            return refusal(400, "settings are missing")
        self._writing.take(partial(system.sg_ready.update, sent))
        return web.Response()

    async def sockets(self, request: web.Request) -> web.Response:
        """List the switched sockets."""
        return web.json_response(self._system(request).sockets)

    async def save_sockets(self, request: web.Request) -> web.Response:
        """Take all sockets."""
        account, sent = self._account(request), await request.json()
        for system in account.systems:
            if len(system.sockets) == len(sent):
                for item in sent:
                    item["state"] = {"an": item["mode"] == "ON"}
                self._writing.take(partial(setattr, system, "sockets", sent))
        return web.Response()


class ConnectService:
    """SENEC.Connect: a key, a limit, and systems in no order."""

    def __init__(self, accounts: list[Account], clock: Clock, chance: Random) -> None:
        """Take the chance that shuffles the systems."""
        self._accounts = accounts
        self._clock = clock
        self._chance = chance
        self.key = CONNECT_KEY
        self.calls = 0
        self.most_calls = 45_000

    def routes(self) -> list[web.RouteDef]:
        """Return what the service answers to."""
        return [web.get("/connect/senec-connect/v1/systems/device-data/general", self.general)]

    async def general(self, request: web.Request) -> web.Response:
        """Tell all systems of the key."""
        if request.headers.get("Ocp-Apim-Subscription-Key") != self.key:
            return web.json_response({"statusCode": 401, "message": "Access denied"}, status=401)
        self.calls += 1
        if self.calls > self.most_calls:
            return web.json_response(
                {"statusCode": 429}, status=429, headers={"Retry-After": "600"}
            )
        systems = [
            self._online(system)
            for account in self._accounts
            for system in account.systems
            if system.connect_id is not None
        ]
        systems.append(
            {
                "battery": {"state": 0, "state_of_charge": 24, "power": 0.0},
                "bessNameplate": _plate("S4H1-SIMU00001-0000-02", "SENEC.Home 4 hybrid", 17640),
                "meter": {"grid_power": 0.0},
                "evse": [],
            }
        )
        self._chance.shuffle(systems)
        return web.json_response(systems)

    def _online(self, system: SimulatedSystem) -> dict[str, Any]:
        step = step_at(system.home, reported(system, self._clock()))
        power = step.charge - step.discharge
        return {
            "battery": {
                "state": 0,
                "state_of_charge": round(step.level),
                "power": power,
                "voltage": 412.5,
                "current": round(power / 412.5, 2),
            },
            "bessNameplate": _plate(
                system.connect_id or "", system.name, system.home.capacity, system.control_unit
            ),
            "meter": {
                "grid_power": step.draw - step.feed_in,
                "consumption": step.consumption - step.wallbox,
                "production": step.generation,
            },
            "evse": [
                {
                    "id": box["id"],
                    "ev_connected": step.wallbox > 0,
                    "ev_charging": step.wallbox > 0,
                    "charging_power": step.wallbox,
                }
                for box in system.wallboxes
            ],
        }


def _plate(system_id: str, model: str, capacity: float, serial: str = "v4-0") -> dict[str, Any]:
    return {
        "manufacturer": "SENEC GmbH",
        "model": model,
        "serial_number": serial,
        "system_id": system_id,
        "design_capacity": capacity,
        "active_charge_power": 10080,
        "active_discharge_power": 12600,
    }
