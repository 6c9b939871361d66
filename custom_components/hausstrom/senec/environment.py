"""Where SENEC's services are looked for."""

import os

from .protocol.hosts import Hosts, hosts_from


def hosts() -> Hosts:
    """Return SENEC's hosts, or the simulator of a development build."""
    return hosts_from(os.environ)
