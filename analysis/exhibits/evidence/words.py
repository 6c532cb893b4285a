"""Words for what the record names by a key."""

CONDITIONS = {
    "design answers": "The design can answer the question",
    "other side of zero": "The interval lies on the other side of zero",
    "power at claim": "An effect of the claimed size could be seen",
    "smaller than matters": "The effect is smaller than what matters",
    "corrected p": "The corrected p is small enough",
    "large enough": "The estimate is large enough to matter",
    "looks agree": "The other looks agree",
    "placebos pass": "The placebos show nothing",
    "gap agrees": "The gap to the comparison units agrees",
    "effect of S rejected": "An effect that matters is rejected",
    "looks below S": "The other looks lie below what matters",
}
DESIGNS = {
    "none": "no test",
    "fact": "statement of fact",
    "all_of": "several parts together",
    "placebo_set": "count of placebos",
}
USUAL = {"ols": "Least squares", "newey_west": "Newey–West"}
ERRORS = {
    "rho": "Autocorrelation ρ",
    "kappa": "Ratio of innovation sds after and before the first onset, κ",
}


def plain(key: str) -> str:
    """A key as words.

    >>> plain("newey_west")
    'newey west'
    """
    return key.replace("_", " ")
