"""SENEC cloud: the energy of a V3 over a year with restarts, against what flowed.

How it is played: `tests/senec/cloud/year.py`.
"""

from tests.senec.cloud.year import play


def main() -> None:
    """Print what is missing of each counter, without filling and with it."""
    played = play(365)
    print(f"{played.readings} readings, {played.gaps} gaps")
    print(
        "| counter | flowed | | missing | hours with 1 kWh too much | most too much | negative hours |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, years in (("as read", played.plain), ("filled", played.filled)):
        for key, year in years.items():
            print(
                f"| {key} | {year.flowed:.0f} kWh | {name} | {year.missing:.3f} % "
                f"| {year.spikes} | {year.worst:.2f} kWh | {year.negative} |"
            )


if __name__ == "__main__":
    main()
