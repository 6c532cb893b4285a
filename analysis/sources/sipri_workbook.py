"""The workbook of SIPRI's military expenditure database: a sheet a measure, a column a year."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from analysis.sources.reshaped import Reshaped, unknown_layout

ADDRESS = "https://www.sipri.org/sites/default/files/SIPRI-Milex-data-1949-2025_v1.2.xlsx"
WHAT = "The workbook of SIPRI"
CONSTANT = re.compile(r"Constant \((\d{4})\) US\$")
SHEETS = {
    "Current US$": "milex_current_usd_m",
    "Share of GDP": "milex_share_gdp",
    "Share of Govt. spending": "milex_share_govt",
}
FIRST_YEAR = 1988
BASE_HELD = 2024
HEADING = "Country"
MISSING = ("", "...", "\N{HORIZONTAL ELLIPSIS}", "..", ". .", "xxx")
KEYS = ["country", "year"]


def reshape_workbook(path: Path) -> Reshaped:
    """Join the sheets to one row a state and year.

    Marks for what is missing ("...", "xxx") become blanks; headings of regions and rows without
    a value are left out. The base year of constant dollars stands in the name of its column.
    """
    sheets = _read_sheets(path)
    found = [(name, match[1]) for name in sheets if (match := CONSTANT.fullmatch(name.strip()))]
    if len(found) != 1:
        raise unknown_layout(WHAT, f"has no sheet 'Constant (YEAR) US$', but {', '.join(sheets)}")
    ((constant, base),) = found
    column = f"milex_const{base}_usd_m"
    wanted = {constant: column, **SHEETS}
    missing = [name for name in wanted if name not in sheets]
    if missing:
        raise unknown_layout(WHAT, f"has no sheet {', '.join(missing)}, but {', '.join(sheets)}")
    columns = [_read_sheet(sheets[name], name).rename(measure) for name, measure in wanted.items()]
    table = pd.concat(columns, axis=1).sort_index().reset_index()
    same_base = int(base) == BASE_HELD
    return Reshaped(
        table,
        note="" if same_base else f"Constant dollars are of {base}; those held are of {BASE_HELD}.",
        columns_held={} if same_base else {column: f"milex_const{BASE_HELD}_usd_m"},
    )


def _read_sheets(path: Path) -> dict[str, pd.DataFrame]:
    try:
        sheets = pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")
    except (BadZipFile, KeyError, OSError, ValueError) as error:
        raise unknown_layout(WHAT, f"cannot be opened ({error}), so it may be cut off") from error
    return {str(name): sheet for name, sheet in sheets.items()}


def _read_sheet(sheet: pd.DataFrame, name: str) -> pd.Series:
    """Values by country and year, without those that are marked as missing."""
    first = sheet.iloc[:, 0].astype(str).str.strip() if sheet.shape[1] else pd.Series(dtype=str)
    headings = first.index[first == HEADING]
    if headings.empty:
        raise unknown_layout(WHAT, f"has no row that begins with '{HEADING}' in sheet {name}")
    heading = int(headings[0])
    years = {place: year for place, cell in sheet.loc[heading].items() if (year := _year(cell))}
    body = sheet.loc[heading + 1 :, list(years)].rename(columns=years)
    long = body.assign(country=first).melt("country", var_name="year", value_name="value")
    marked = long["value"].astype(str).str.strip().isin(MISSING)
    long = long[long["value"].notna() & ~marked]
    strange = long[pd.to_numeric(long["value"], errors="coerce").isna()]
    if not strange.empty:
        country, year, cell = strange.iloc[0]
        raise unknown_layout(WHAT, f"has {cell!r} for {country} in {year} in sheet {name}")
    if long.empty or long.duplicated(KEYS).any():
        fault = "has no value" if long.empty else "has a state twice"
        raise unknown_layout(WHAT, f"{fault} in sheet {name}")
    return pd.Series(
        long["value"].to_numpy(dtype=float), index=pd.MultiIndex.from_frame(long[KEYS])
    )


def _year(cell: object) -> int | None:
    text = str(cell).removesuffix(".0").strip()
    return int(text) if re.fullmatch(r"\d{4}", text) and int(text) >= FIRST_YEAR else None
