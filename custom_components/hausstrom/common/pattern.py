"""Regular expressions that are compiled with their first use.

Most homes meet few of the spellings, framings and formats that are read; those of the smart meter
alone would take two milliseconds of every start.
"""

import re
from functools import cached_property


class LatePattern[Text: (str, bytes)]:
    """A regular expression, as a call returns it."""

    def __init__(self, expression: Text, flags: re.RegexFlag = re.NOFLAG) -> None:
        """Take what `re.compile` takes."""
        self._expression: Text = expression
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[Text]:
        return re.compile(self._expression, self._flags)

    def __call__(self) -> re.Pattern[Text]:
        """Return the compiled expression."""
        return self._compiled
