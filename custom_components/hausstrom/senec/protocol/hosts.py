"""Where SENEC's services live, and the one way to point them all at a simulator."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final, Self

from yarl import URL

SIMULATOR_VARIABLE: Final = "HAUSSTROM_SENEC_CLOUD_URL"


class Hosts:
    """The base address of every service; each path of the clients is joined to one of them."""

    def __init__(
        self,
        *,
        sso: URL,
        systems: URL,
        measurements: URL,
        wallbox: URL,
        abilities: URL,
        web: URL,
        connect: URL,
        simulated: bool = False,
    ) -> None:
        """Take all addresses; simulated: they are of a development build."""
        self.sso = sso
        self.systems = systems
        self.measurements = measurements
        self.wallbox = wallbox
        self.abilities = abilities
        self.web = web
        self.connect = connect
        self.simulated = simulated

    @classmethod
    def at(cls, base: URL) -> Self:
        """Return one server that plays all of them, each under a path of its own."""
        return cls(
            sso=base / "sso",
            systems=base / "app-systems",
            measurements=base / "app-measurements",
            wallbox=base / "app-wallbox",
            abilities=base / "app-abilities",
            web=base / "web",
            connect=base / "connect",
            simulated=True,
        )


SENEC_HOSTS: Final = Hosts(
    sso=URL("https://sso.senec.com"),
    systems=URL("https://senec-app-systems-proxy.prod.senec.dev"),
    measurements=URL("https://senec-app-measurements-proxy.prod.senec.dev"),
    wallbox=URL("https://senec-app-wallbox-proxy.prod.senec.dev"),
    abilities=URL("https://senec-app-abilities-proxy.prod.senec.dev"),
    web=URL("https://mein-senec.de"),
    connect=URL("https://apim-eds-gwc-prod.azure-api.net"),
)


def is_loopback(address: URL) -> bool:
    """Whether the address can only mean this machine."""
    host = address.host or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def hosts_from(environment: Mapping[str, str]) -> Hosts:
    """Return SENEC's hosts, or the simulator that a development build names.

    Only an http(s) address of this machine is accepted, so that no environment can send a
    password elsewhere; anything else raises `ValueError` rather than asking SENEC by surprise.
    """
    text = environment.get(SIMULATOR_VARIABLE, "").strip()
    if not text:
        return SENEC_HOSTS
    base = URL(text)
    if base.scheme not in {"http", "https"} or not is_loopback(base):
        message = f"{SIMULATOR_VARIABLE} must be an http address of this machine"
        raise ValueError(message)
    return Hosts.at(base)
