"""A real headless Chromium, spoken to in its own protocol through a pipe.

https://chromedevtools.github.io/devtools-protocol/; nothing beside the browser is needed.
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
INSTALL = (
    "No Chromium was found: on Debian `apt-get install chromium-headless-shell` (or `chromium`) "
    "brings one; JUNCTURE_CHROMIUM names another one's path."
)
PATIENCE = 30  # seconds for one answer
KEYS = {
    "Escape": ("Escape", 27, ""),
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "Space": (" ", 32, " "),
}


def find_chromium() -> str | None:
    """The path of a Chromium, if there is one."""
    named = os.environ.get("JUNCTURE_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """One page, what it asked of the network, and what it complained about."""

    def __init__(self, browser: "Chromium", session: str) -> None:
        self.browser, self.session = browser, session
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.call(method, parameters, self.session)

    def size(self, width: int, height: int = 800) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)  # fmt: skip

    def emulate(self, *, media: str = "", scheme: str = "light") -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def open(self, address: str) -> None:
        """Load a page and wait until it has run."""
        self.call("Page.navigate", url="about:blank")
        self.wait("document.readyState === 'complete' && location.href === 'about:blank'")
        self.forget()
        answer = self.call("Page.navigate", url=address)
        assert "errorText" not in answer, f"{address}: {answer['errorText']}"
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """The value of an expression; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True, userGesture=True)  # fmt: skip
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < end, f"never true: {condition}"
            time.sleep(0.02)

    def press(self, *keys: str) -> None:
        """Press keys as a keyboard does."""
        for key in keys:
            name, code, text = KEYS.get(key, (key, ord(key[0].upper()), key))
            shared = {"key": name, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **shared)
            self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def click(self, selector: str) -> None:
        """Click in the middle of what a selector finds, as a mouse does."""
        place = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        shared = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, **shared)

    @property
    def complaints(self) -> list[str]:
        """Errors and warnings of the console, and exceptions, since the page was opened."""
        found = []
        for event in self._events():
            kind, told = event["method"], event["params"]
            if kind == "Runtime.exceptionThrown":
                found.append(str(told["exceptionDetails"]))
            elif kind == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
                found.append(str(told["entry"]["text"]))
            elif kind == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
                found.append(str(told["args"]))
        return found

    @property
    def requests(self) -> list[str]:
        """Addresses asked for since the page was opened."""
        return [
            event["params"]["request"]["url"]
            for event in self._events()
            if event["method"] == "Network.requestWillBeSent"
        ]

    def forget(self) -> None:
        self.run("0")  # what was on its way arrives before its answer
        self.browser.events.clear()

    def _events(self) -> list[dict[str, Any]]:
        self.run("0")
        return [e for e in self.browser.events if e.get("sessionId") == self.session]


class Chromium:
    """A running browser."""

    def __init__(self, process: "subprocess.Popen[bytes]", to: int, back: int) -> None:
        self.process, self.to, self.back = process, to, back
        self.events: list[dict[str, Any]] = []
        self._buffer = b""
        self._last = 0

    def new_tab(self) -> Tab:
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        return Tab(self, attached["sessionId"])

    def call(self, method: str, parameters: dict[str, Any], session: str = "") -> dict[str, Any]:
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data) :]
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._read(end, method)
            if answer.get("id") == self._last:
                assert "error" not in answer, (method, answer)
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self, end: float, waiting_for: str) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self.back], [], [], max(end - time.monotonic(), 0))
            assert ready, f"Chromium did not answer {waiting_for} within {PATIENCE} s"
            chunk = os.read(self.back, 1 << 16)
            assert chunk, f"Chromium ended while asked for {waiting_for}"
            self._buffer += chunk
        first, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(first)
        return answer


@contextmanager
def running_chromium(path: str) -> Iterator[Chromium]:
    """Start a browser with an empty profile, and end it."""
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()
    options = [
        "--headless",
        "--remote-debugging-pipe",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--force-color-profile=srgb",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # its sandbox refuses root
    ]
    with tempfile.TemporaryDirectory(prefix="juncture-", ignore_cleanup_errors=True) as profile:
        # The browser reads from descriptor 3 and answers on 4.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_read, back_write)]
        start = f"import os, sys; os.dup2({ends[0]}, 3); os.dup2({ends[1]}, 4); "
        start += "os.execv(sys.argv[1], sys.argv[1:])"
        arguments = [path, *options, f"--user-data-dir={profile}"]
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", start, *arguments],
            pass_fds=ends,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (to_read, back_write, *ends):
            os.close(end)
        try:
            yield Chromium(process, to_write, back_read)
        finally:
            os.close(to_write)
            try:
                process.wait(timeout=5)  # it ends when its pipe is closed
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(back_read)
