"""Every value of every type of service has a name, and every state a word: none shows its key."""

import pytest

from custom_components.hausstrom.victron.descriptions import CONTROL_PLATFORMS, NAME_PREFIX
from custom_components.hausstrom.victron.protocol.catalogue import FAMILIES, SERVICES, PathRow
from custom_components.hausstrom.victron.protocol.writing import PRESSED
from tests.repository.files import translation


def platforms(row: PathRow) -> set[str]:
    """Return where a row is shown: to read only, and where controls are allowed."""
    if row.control is None:
        return {row.form.value}
    control = CONTROL_PLATFORMS[row.control.form].value
    # What is set off is nothing to read.
    return {control} if row.control.form in PRESSED else {row.form.value, control}


@pytest.mark.parametrize("service", FAMILIES)
def test_every_value_has_a_name_and_every_state_a_word(service: str) -> None:
    texts = translation("en")["entity"]
    for row in FAMILIES[service].points:
        for platform in platforms(row):
            found = texts.get(platform, {}).get(f"{NAME_PREFIX}{row.name}", {})
            assert found.get("name"), (platform, row.name)
            if row.codes is not None and platform in {"sensor", "select"}:
                assert found.get("state", {}).keys() >= set(row.codes.options), row.name


@pytest.mark.parametrize("service", SERVICES)
def test_every_type_of_service_has_a_name_and_can_be_chosen(service: str) -> None:
    texts = translation("en")
    assert texts["device"][f"{NAME_PREFIX}{service}"]["name"]
    assert texts["selector"]["victron_services"]["options"][service]
