"""The part of the page about the simulation of Turner et al. (2021)."""

from collections.abc import Iterator, Sequence

from benchmarks.leaderboard.turner import EFFECTS, LENGTHS, LEVEL, RHOS, SLOPE

Row = dict[str, str]
METHODS = ("OLS", "Newey-West", "Prais-Winsten", "ARIMA", "REML", "REML-Satterthwaite", "PB-REML-V")
PUBLISHED = ("OLS", "Newey-West", "Prais-Winsten", "ARIMA", "REML")
CLOSE = 4.0  # Monte Carlo errors


def describe_turner(rows: Sequence[Row]) -> dict[str, str]:
    """Tables and findings, by their names in the template of the page."""
    values = {
        (row["method"], int(row["length"]), float(row["rho"]), row["effect"], row["measure"]): (
            float(row["value"]),
            float(row["mc_error"]),
        )
        for row in rows
    }
    return {
        "coverage_level": _coverage(values, LEVEL),
        "coverage_slope": _coverage(values, SLOPE),
        "findings": "\n".join(_findings(values)),
    }


Values = dict[tuple[str, int, float, str, str], tuple[float, float]]


def _coverage(values: Values, effect: str) -> str:
    title = effect.replace("_", " ")
    lines = [
        f"| {title} | " + " | ".join(f"{length} points" for length in LENGTHS) + " |",
        "|---|" + "---:|" * len(LENGTHS),
    ]
    for method in METHODS:
        cells = []
        for length in LENGTHS:
            found = _over_rho(values, method, length, effect)
            cells.append(f"{100 * min(found):.0f} to {100 * max(found):.0f}" if found else "–")
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _over_rho(values: Values, method: str, length: int, effect: str) -> list[float]:
    keys = [(method, length, rho, effect, "coverage") for rho in RHOS]
    return [values[key][0] for key in keys if key in values]


def _findings(values: Values) -> Iterator[str]:
    yield _unbiased(values)
    yield _underestimated(values)
    yield _too_small(values)
    yield _longer(values)
    yield _preferred(values)
    yield _durbin_watson(values)
    yield _against_ours(values)


def _verdict(holds: bool) -> str:
    return "**Agrees.**" if holds else "**Does not agree throughout.**"


def _unbiased(values: Values) -> str:
    away = [abs(value / error) for key, (value, error) in values.items() if key[4] == "bias"]
    return (
        f"* *All methods are unbiased for level and slope change.* {_verdict(max(away) < CLOSE)} "
        f"The largest of {len(away)} biases is {max(away):.1f} Monte Carlo errors."
    )


def _underestimated(values: Values) -> str:
    gaps: dict[str, list[float]] = {}
    for (method, length, rho, _, measure), (value, _) in values.items():
        if measure == "mean_rho" and rho > 0 and length >= 12:
            gaps.setdefault(method, []).append(value - rho)
    theirs = {method: gap for method, gap in gaps.items() if method in PUBLISHED}
    least = min(theirs, key=lambda method: max(map(abs, theirs[method])))
    holds = all(max(gap) < 0 for gap in theirs.values()) and least == "REML"
    said = ", ".join(
        f"{method} by {-max(gap):.2f} to {-min(gap):.2f}" for method, gap in theirs.items()
    )
    own = gaps["PB-REML-V"]
    return (
        "* *All underestimate the autocorrelation, REML least.* "
        f"{_verdict(holds)} From 12 points on and for rho above 0, on average {said}; the "
        f"median-unbiased rho of PB-REML-V by {-max(own):.2f} to {-min(own):.2f} (it is "
        "unbiased in the median, not the mean)."
    )


def _too_small(values: Values) -> str:
    cells = [key for key in values if key[4] == "coverage" and key[2] > 0 and key[0] in PUBLISHED]
    below = [key for key in cells if values[key][0] < 0.95]
    ratios = [
        value
        for key, (value, _) in values.items()
        if key[4] == "se_ratio" and key[2] > 0 and key[0] in PUBLISHED
    ]
    small = sum(ratio < 1 for ratio in ratios)
    return (
        "* *Standard errors are too small and coverage is below 95 %.* "
        f"{_verdict(len(below) > 0.95 * len(cells) and small > 0.95 * len(ratios))} With "
        f"autocorrelation, coverage is below 95 % in {len(below)} of {len(cells)} cells of the "
        f"published methods, and the median standard error below the spread of the estimates in "
        f"{small} of {len(ratios)}."
    )


def _longer(values: Values) -> str:
    def gain(method: str, rho: float) -> float:
        short, long = (values[method, length, rho, LEVEL, "coverage"][0] for length in (20, 100))
        return 100 * (long - short)

    adjusting = ("Prais-Winsten", "ARIMA", "REML", "REML-Satterthwaite")
    gains = [gain(method, rho) for method in adjusting for rho in RHOS if rho > 0]
    ols = [gain("OLS", rho) for rho in RHOS if rho > 0]
    newey_west = gain("Newey-West", 0.8)
    holds = min(gains) > 0 and max(ols) < 0 and newey_west < 0
    return (
        "* *All do better in longer series, except OLS under autocorrelation and Newey-West under "
        f"high autocorrelation.* {_verdict(holds)} From 20 to 100 points, coverage of the level "
        f"change moves by {min(gains):+.0f} to {max(gains):+.0f} points of percent in "
        f"Prais-Winsten, ARIMA and REML, by {min(ols):+.0f} to {max(ols):+.0f} in OLS at rho above "
        f"0, and by {newey_west:+.0f} in Newey-West at rho .8."
    )


def _preferred(values: Values) -> str:
    def best(length: int, rho: float) -> str:
        known = {
            method: abs(values[key][0] - 0.95)
            for method in PUBLISHED
            if (key := (method, length, rho, LEVEL, "coverage")) in values
        }
        return min(known, key=lambda method: known[method])

    short = [best(length, rho) for length in LENGTHS if length < 12 for rho in RHOS]
    longer = [best(length, rho) for length in LENGTHS if length >= 12 for rho in RHOS if rho > 0.2]
    holds = set(short) == {"OLS"} and set(longer) == {"REML"}
    return (
        "* *Below 12 points OLS is to be preferred, above it REML.* "
        f"{_verdict(holds)} Among their five methods OLS comes closest to 95 % for the level "
        f"change in {short.count('OLS')} of {len(short)} cells below 12 points, and REML in "
        f"{longer.count('REML')} of {len(longer)} from 12 points on with rho of .4 or more."
    )


def _durbin_watson(values: Values) -> str:
    found = {
        (length, rho): 100 * values["Durbin-Watson", length, rho, "autocorrelation", "found"][0]
        for length in (12, 20, 48, 100)
        for rho in (0.4, 0.8)
    }
    holds = found[20, 0.4] < 50 and found[100, 0.8] > 90
    said = "; ".join(
        f"{length} points {found[length, 0.4]:.0f} and {found[length, 0.8]:.0f}"
        for length in (12, 20, 48, 100)
    )
    return (
        "* *The Durbin-Watson test detects autocorrelation only in long series or where it is "
        f"large.* {_verdict(holds)} With its exact critical value it finds autocorrelations of .4 "
        f"and .8 in this share of series, in %: {said}."
    )


def _against_ours(values: Values) -> str:
    def span(method: str, effect: str) -> str:
        found = [one for n in LENGTHS if n >= 20 for one in _over_rho(values, method, n, effect)]
        return f"{100 * min(found):.0f} to {100 * max(found):.0f} %"

    power = [
        100 * values[method, 28, 0.4, effect, "power"][0]
        for effect in EFFECTS
        for method in ("PB-REML-V", "REML-Satterthwaite")
    ]
    return (
        "* *Not in the paper:* from 20 points on, the fewest the rules allow, intervals of "
        f"PB-REML-V cover the level change in {span('PB-REML-V', LEVEL)} and the slope change in "
        f"{span('PB-REML-V', SLOPE)}; REML with Satterthwaite's degrees of freedom in "
        f"{span('REML-Satterthwaite', LEVEL)} and {span('REML-Satterthwaite', SLOPE)}. At 28 "
        f"points and rho .4 a level change of 1 sd is found in {power[0]:.0f} and {power[1]:.0f} "
        f"%, a slope change of 0.1 sd a point in {power[2]:.0f} and {power[3]:.0f} %. "
        "REML-Satterthwaite assumes one spread of the errors throughout; PB-REML-V allows it to "
        "change at the interruption, which did not happen here, and pays for that."
    )
