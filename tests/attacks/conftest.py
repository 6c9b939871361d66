"""What the attacks share."""

from tests.senec.cloud.conftest import home
from tests.senec.local.conftest import site
from tests.senec.local.test_cases import drive
from tests.years.conftest import expected_lingering_timers
from tests.years.fixtures import ways

__all__ = ["drive", "expected_lingering_timers", "home", "site", "ways"]
