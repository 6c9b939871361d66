"""What can go wrong with SENEC.Connect."""

from ...protocol.errors import SenecServiceError


class SenecConnectError(SenecServiceError):
    """From SENEC.Connect; the reasons are those of the account's side."""
