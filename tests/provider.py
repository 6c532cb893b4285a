"""Providers on this machine: a server with small made files, laid out as the providers' own.

Everything is served from 127.0.0.1 and stops with the test. Paths that begin with `/bad/` answer in
the ways a download can go wrong.
"""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pandas as pd

LONGEST_WAIT = 5.0  # seconds; no request is held longer, whatever the client does

SOURCES_HEADER = "source,producer,title,version,url,licence,accessed,file,sha256"
HEADER = "unit,year,variable,value,status,source,locator,note"
HELD = {
    "wdi-gdp-current": "wdi/wdi_gdp_current_usd_1990_2024.csv",
    "wdi-2024": "wdi/wdi_gdp_pop_1990_2023_kayadata.csv",
    "wdi-2022-12": "wdi/wdi_fuel_exports_share_1990_2021.csv",
    "idealpoints-2025-07": "unga/idealpoints_1990_2024_v2025-07.csv",
    "sipri-milex-2026": "sipri_milex/sipri_milex_1988_2025_v1.2-2026.csv",
    "voeten-2024": "unga/agreement_core_dyads_1990_2024.csv.gz",
}
STORED = (
    ("CHN", 2000, "gdp_current_usd", "1211000", "wdi-gdp-current"),
    ("CHN", 2001, "gdp_current_usd", "1000000", "wdi-gdp-current"),
    ("USA", 2000, "gdp_current_usd", "10000000", "wdi-gdp-current"),
    ("USA", 2001, "gdp_current_usd", "10500000", "wdi-gdp-current"),
    ("CHN", 2000, "un_ideal_point_index", "-0.5", "idealpoints-2025-07"),
    ("RUS", 2000, "un_ideal_point_index", "0.25", "idealpoints-2025-07"),
    ("CHN-RUS", 2000, "un_ideal_point_distance", "0.75", "idealpoints-2025-07"),
    ("USA", 2000, "us_military_expenditure_usd", "500000", "sipri-milex-2026"),
    ("USA", 2000, "military_expenditure_usd", "500000", "sipri-milex-2026"),
    ("USA", 2000, "military_expenditure_gdp_share", "0.03", "sipri-milex-2026"),
)


def write_study(folder: Path) -> Path:
    """What `refresh` needs of a study: the sources, and the observations above.

    The NATO row is a sum over members, and is none of those that stand in a row of the file.
    """
    (folder / "data").mkdir(parents=True)
    sources = [f"{key},Maker,Title,1,,CC BY 4.0,,{file},{'0' * 64}" for key, file in HELD.items()]
    text = "\n".join([SOURCES_HEADER, *sorted(sources)])
    (folder / "data" / "sources.csv").write_text(f"{text}\n")
    rows = [
        f'{unit},{year},{variable},{value},reported,{source},"{Path(HELD[source]).name}, row",'
        for unit, year, variable, value, source in STORED
    ]
    rows.append(
        "NATO,2000,military_expenditure_usd,7,computed,sipri-milex-2026,"
        f'"{Path(HELD["sipri-milex-2026"]).name}, year=2000, sum of x over members",19 members'
    )
    text = "\n".join([HEADER, *sorted(rows)])
    (folder / "data" / "observations.csv").write_text(f"{text}\n")
    return folder


def bank_record(code: str, year: int, value: float | None) -> dict[str, object]:
    return {
        "indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"},
        "country": {"id": code[:2], "value": code},
        "countryiso3code": code,
        "date": str(year),
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
    }


def bank_answer(records: list[dict[str, object]], **heading: object) -> bytes:
    """Two parts, as the interface gives them: a heading, and one record a state and year."""
    head = {"page": 1, "pages": 1, "per_page": 32500, "total": len(records), "sourceid": "2"}
    return json.dumps([{**head, "lastupdated": "2026-10-07", **heading}, records]).encode()


GDP = [
    bank_record("CHN", 2000, 1.211e12),  # as held
    bank_record("CHN", 2001, 1.1e12),  # a tenth more
    bank_record("CHN", 2002, 1.47e12),  # new
    bank_record("USA", 2000, 10.05e12),  # a half percent more
    bank_record("USA", 2001, None),  # gone
    bank_record("", 2000, 1.0),  # a group without a code
    bank_record("USA", 1989, 5.6e12),  # before the study
]

IDEAL_POINTS = (
    b"ccode\tiso3c\tcountryname\tyear\tidealpointfp\tidealpointall\n"
    b'710\t"CHN"\t"China"\t2000.0\t-0.5\t-0.6\n'
    b'365\t"RUS"\t"Russia"\t2000.0\t0.5\t0.4\n'
    b'365\t"RUS"\t"Soviet Union"\t1980.0\t-2.5\t-2.5\n'
)


def roll_calls() -> bytes:
    """Twenty-four votes of 2000 in which China and Russia took part, and two in which one did.

    Both say yes in 15, no in 3 and differ in 6, where China says no and Russia yes. So 18 of 24
    are the same: .75. China says yes 15 times and no 9, Russia yes 21 and no 3: by chance
    .625 * .875 + .375 * .125 = .59375 would be, and kappa is .15625 / .40625 = 5 / 13.
    """
    answers = [(1, 1)] * 15 + [(3, 3)] * 3 + [(3, 1)] * 6 + [(1, 8), (9, 2)]
    lines = ["rcid,ccode,member,vote,Country,Countryname,year"]
    for number, (china, russia) in enumerate(answers, start=4000):
        lines += [
            f'{number},710,1,{china},CHN,"China",2000',
            f'{number},365,1,{russia},RUS,"Russia, or what is so called",2000',
        ]
    return "\n".join(lines).encode()


def workbook(base: int = 2024, mark: object = "...", without: str = "") -> bytes:
    """Military expenditure as SIPRI lays it out: title rows, a heading, regions, states, notes."""
    values = {
        f"Constant ({base}) US$": 550000.0,
        "Current US$": 320000.0,
        "Share of GDP": 0.03,
        "Share of Govt. spending": 0.1,
    }
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="openpyxl") as book:
        for sheet, value in {"Front page": None, **values}.items():
            if sheet != without:
                rows = [["Title", None, None, None, None], [None] * 5]
                rows += [["Country", "Notes", 1987, 2000, 2001], ["Americas", *[None] * 4]]
                rows += [
                    ["United States of America", 1, 9.0, value, mark],
                    ["Figures: ...", *[None] * 4],
                ]
                pd.DataFrame(rows).to_excel(book, sheet_name=sheet, header=False, index=False)
    return stream.getvalue()


def listing(*names: str, md5: str = "", ingested: bool = False) -> bytes:
    """A data set as Dataverse lists it; the files have the numbers 11, 12 ..."""
    files: list[dict[str, object]] = []
    for number, name in enumerate(names, start=11):
        file: dict[str, object] = {"id": number, "filename": name, "filesize": 10}
        file["checksum"] = {"type": "MD5", "value": md5 or "0" * 32}
        if ingested:
            file |= {"originalFileFormat": "application/x-stata-14", "tabularData": True}
        files.append({"label": name, "restricted": False, "dataFile": file})
    version = {"versionNumber": 35, "versionMinorNumber": 1, "files": files}
    return json.dumps({"status": "OK", "data": {"id": 1, "latestVersion": version}}).encode()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class Provider:
    """A running server: `files` by path; `address(path)` is where one can be had."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.ended = Event()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, content: bytes) -> str:
        self.files[path] = content
        return self.address(path)


@contextmanager
def running_provider() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    provider = server.provider = Provider(server.server_address[1])  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(LONGEST_WAIT)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        provider.asked.append(self.path)
        path = urlsplit(self.path).path
        if path == "/bad/silent":
            provider.ended.wait(LONGEST_WAIT)
        elif path == "/bad/stops":
            self._answer(200, b"year,value\n", announced=1000)
            provider.ended.wait(LONGEST_WAIT)
        elif path == "/bad/short":
            self._answer(200, b"year,value\n", announced=1000)
        elif path == "/bad/error":
            self._answer(503, b"busy")
        elif path == "/bad/page":
            self._answer(200, b"\n<!DOCTYPE html><html><body>Sign in</body></html>")
        elif path == "/bad/empty":
            self._answer(200, b"")
        elif path in provider.files:
            self._answer(200, provider.files[path])
        else:
            self._answer(404, b"no such file")

    def _answer(self, code: int, content: bytes, announced: int | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(content) if announced is None else announced))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
