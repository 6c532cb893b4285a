"""Examples that `--help` prints below each command; tests call every one of them."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "calibrate": (
        "juncture calibrate --jobs 4",
        "juncture calibrate --only J-01.trade-at-pivot",
    ),
    "check": (
        "juncture check",
        "juncture check --study my-study",
    ),
    "explain": (
        "juncture explain J-01.exercises-at-pivot",
        "juncture explain J-01.exercises-at-pivot --json",
    ),
    "export": (
        "juncture export panel.csv",
        "juncture export panel.dta --unit CHN-RUS --variable arms_transfers_tiv",
        "juncture export panel.parquet --study my-study",
        "juncture export panel.R",
    ),
    "extract": (
        "juncture extract --raw ~/raw --check",
        "juncture extract --raw ~/raw",
    ),
    "new": (
        "juncture new first-study",
        "juncture new my-study --from trade.dta --unit dyad --year year",
        "juncture new my-study --from trade.csv --variable exports --variable imports",
    ),
    "package": (
        "juncture package",
        "juncture package kwon-replication.zip --study my-study",
    ),
    "plan": (
        "juncture plan --years 1992:2022 --junctures 2012,2014,2017 --rho 0.3:0.8",
        "juncture plan --years 1990:2025 --junctures 2014 --rho 0.5 --effect 2",
    ),
    "refresh": (
        "juncture refresh wdi-gdp-current",
        "juncture refresh wdi-gdp-current --apply --raw ~/raw",
        "juncture refresh sipri-2026-02 --file ~/Downloads/trade-register.csv",
    ),
    "replicate": (
        "juncture replicate",
        "juncture replicate --full --jobs 4",
        "juncture replicate --from-raw ~/raw --report comparison.pdf",
    ),
    "report": (
        "juncture report",
        "juncture report --study my-study",
    ),
    "reproduce": (
        "juncture reproduce",
        "juncture reproduce --study my-study --jobs 4",
    ),
    "run": (
        "juncture run",
        "juncture run --only J-01.exercises-at-pivot",
        "juncture run --jobs 4 --study my-study",
    ),
    "trace": (
        "juncture trace J-01.exercises-at-pivot.estimate",
        "juncture trace J-01.exercises-at-pivot",
    ),
}


def show_examples(command: str) -> str | None:
    r"""The text below the options of a command; `\b` keeps its lines as they are.

    >>> print(show_examples("check").replace("\b", "|"))
    |
    Examples:
      juncture check
      juncture check --study my-study
    """
    calls = EXAMPLES.get(command)
    if calls is None:
        return None
    return "\n".join(["\b", "Examples:", *(f"  {call}" for call in calls)])
