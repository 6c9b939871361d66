"""SENEC cloud: seven days of a V3 with each kind of trouble, through Home Assistant.

Prints passwords posted, requests per hour and the share of polls without a value, for each.
`--hours 24` plays a day of each trouble instead of six.
"""

import argparse
import sys
from pathlib import Path

import pytest

HOURS = 6 * 24
PLAYED = Path(__file__).with_name("_senec_cloud_weeks.py")


def main() -> None:
    """Play all weeks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=HOURS)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    plugin = type("Asked", (), {"hausstrom_hours": asked.hours, "hausstrom_only": asked.only})()
    arguments = ["-q", "--show-capture=no", "--timeout=0", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([*arguments, "--log-level=ERROR", str(PLAYED)], plugins=[plugin]))


if __name__ == "__main__":
    main()
