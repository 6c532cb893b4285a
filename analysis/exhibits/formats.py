"""How a number is written: one format for each kind, used wherever the report prints one."""

from __future__ import annotations

import math
from collections.abc import Iterable

MINUS = "\N{MINUS SIGN}"
TO = "\N{EN DASH}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
ABSENT = "\N{EN DASH}"
DIGEST_LETTERS = 12


def decimals_for(values: Iterable[float]) -> int:
    """Give the decimals at which the largest of `values` shows two digits or more.

    An estimate and the ends of its interval share them, so that they can be compared by eye.

    >>> decimals_for([0.4137, -0.2, 1.02]), decimals_for([0.0034]), decimals_for([51234.0])
    (2, 4, 0)
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest >= 100:
        return 0
    if largest >= 10:
        return 1
    if largest >= 0.095 or largest == 0:
        return 2
    return 1 - math.floor(math.log10(largest))


def format_decimal(value: float | None, decimals: int | None = 2) -> str:
    """Write `value` with a true minus sign, thousands set off, and no negative zero.

    Without `decimals` it gets as many as show two digits.

    >>> format_decimal(-0.4137), format_decimal(-0.001), format_decimal(51234.4, 0)
    ('−0.41', '0.00', '51,234')
    """
    if value is None or math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    places = decimals_for([value]) if decimals is None else decimals
    text = f"{abs(value):,.{places}f}"
    is_zero = float(text.replace(",", "")) == 0
    return text if value >= 0 or is_zero else MINUS + text


def format_estimate(value: float | None) -> str:
    """Write an estimate that stands alone.

    >>> format_estimate(0.4137), format_estimate(12.34), format_estimate(None)
    ('0.41', '12.3', '–')
    """
    return format_decimal(value, None)


def format_interval(low: float | None, high: float | None, decimals: int | None) -> str:
    """Write the two ends of an interval; an end that does not exist is infinite.

    >>> format_interval(-0.2, 1.02, 2), format_interval(0.1, None, 2)
    ('−0.20 to 1.02', '0.10 to ∞')
    """
    if low is None and high is None:
        return ABSENT
    lower = -math.inf if low is None else low
    upper = math.inf if high is None else high
    return f"{format_decimal(lower, decimals)} to {format_decimal(upper, decimals)}"


def format_p(value: float | None) -> str:
    """Write a p-value with three decimals.

    >>> format_p(0.0312), format_p(0.0004), format_p(1.0)
    ('0.031', '< 0.001', '1.000')
    """
    if value is None:
        return ABSENT
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def format_percent(share: float | None, decimals: int = 0) -> str:
    """Write a share in per cent, a narrow space before the sign.

    >>> format_percent(0.284).split(), format_percent(0.0512, 1).split()
    (['28', '%'], ['5.1', '%'])
    """
    return (
        ABSENT
        if share is None or math.isnan(share)
        else f"{100 * share:.{decimals}f}{NARROW_SPACE}%"
    )


def format_count(value: int | None) -> str:
    """Write a whole number, thousands set off.

    >>> format_count(12345)
    '12,345'
    """
    return ABSENT if value is None else f"{value:,d}"


def format_years(first: int | None, last: int | None) -> str:
    """Write a span of years.

    >>> format_years(1992, 2022)
    '1992–2022'
    """
    if first is None or last is None:
        return ABSENT
    return str(first) if first == last else f"{first}{TO}{last}"


def format_digest(digest: str | None) -> str:
    """Write the first letters of a sha256.

    >>> format_digest("0123456789abcdef0123")
    '0123456789ab'
    """
    return digest[:DIGEST_LETTERS] if digest else ABSENT
