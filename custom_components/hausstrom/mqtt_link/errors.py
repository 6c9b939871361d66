"""What can become of a connection to a broker."""


class BrokerError(Exception):
    """The connection failed or ended; code is the broker's reason, if it gave one.

    Codes as in MQTT 5 (§2.4): 134 bad user name or password, 135 not authorized.
    """

    def __init__(self, detail: str, code: int | None = None) -> None:
        """Keep what is said in the log."""
        super().__init__(detail)
        self.code = code
