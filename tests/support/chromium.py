"""A headless chromium that loads a page; tests observe the page's console, requests and width from outside.

The tests control the browser through a pipe with the DevTools protocol. So the page needs no additional script, and its
content security policy stays unchanged.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAM = shutil.which("chromium")
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    # The browser itself makes requests, for example for updates. With this option these requests find no host.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# A dict from the name of a key to its key code in the DevTools protocol, and to the text that the key types.
_KEYS = {
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    " ": (32, " "),
    "End": (35, ""),
    "Home": (36, ""),
    "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""),
    "ArrowRight": (39, ""),
    "ArrowDown": (40, ""),
}
_NO_PAGE = "not an origin"


@dataclass(frozen=True)
class Seen:
    """The observation of a page: its console lines, and the addresses that it requested.

    `width` and `window` are the widths of the page and of the window in pixels. `background` is the page's background
    colour as CSS.
    """

    console: tuple[str, ...]
    requests: tuple[str, ...]
    width: int
    window: int
    background: str


class Chromium:
    """One running browser, which ends at the end of the `with` block."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM is not None
        self.log = folder / "net.json"
        told, self._out = os.pipe()
        self._in, said = os.pipe()
        # Chromium uses the descriptors 3 and 4 for the protocol.
        script = f'exec "$@" 3<&{told} 4>&{said}'
        options = ("--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}", f"--log-net-log={self.log}")
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", PROGRAM, *_QUIET, *options, "about:blank"],
            pass_fds=(told, said),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(told)
        os.close(said)
        self._buffer = b""
        self._number = 0
        self._events: list[dict[str, Any]] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._tell(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._ask("Browser.close")
        else:
            self._process.kill()
        self._process.wait(20)
        os.close(self._in)
        os.close(self._out)

    def look(self, page: Path, *, width: int, dark: bool) -> Seen:
        """Load a page in a window of `width` pixels, in the dark or light color scheme, and return the observation."""
        self._events.clear()
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=True)
        self._tell("Emulation.setEmulatedMedia", features=scheme)
        self._tell("Page.navigate", url=page.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._read()
        # Open the folded parts as well, because their contents must not be wider than the page either.
        self.value("document.querySelectorAll('details').forEach(one => one.open = true)")
        return Seen(
            console=tuple(_said(event) for event in self._events if _said(event)),
            requests=tuple(
                event["params"]["request"]["url"]
                for event in self._events
                if event["method"] == "Network.requestWillBeSent"
            ),
            width=self.value("document.documentElement.scrollWidth"),
            window=self.value("document.documentElement.clientWidth"),
            background=self.value("getComputedStyle(document.body).backgroundColor"),
        )

    def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        return self._tell("Runtime.evaluate", expression=expression)["result"].get("value")

    def until(self, expression: str, holds: Callable[[Any], bool], seconds: float = 20) -> Any:
        """Evaluate a JavaScript expression until `holds` accepts its value, at most for `seconds`; return the value."""
        end = time.monotonic() + seconds
        while not holds(found := self.value(expression)) and time.monotonic() < end:
            time.sleep(0.02)
        return found

    def press(self, key: str, *commands: str) -> None:
        """Press and release a key; `commands` are editing commands that the key causes, such as `paste`."""
        code, text = _KEYS.get(key, (ord(key[0].upper()), key))
        typed = {"key": key, "code": key, "windowsVirtualKeyCode": code} | ({"text": text} if text else {})
        self._tell("Input.dispatchKeyEvent", type="keyDown", commands=list(commands), **typed)
        self._tell("Input.dispatchKeyEvent", type="keyUp", **typed)

    def scripts(self, *, run: bool) -> None:
        """Allow or forbid scripts in the pages that are loaded from now on."""
        self._tell("Emulation.setScriptExecutionDisabled", value=not run)

    def _tell(self, method: str, **params: Any) -> Any:
        return self._ask(method, self._session, **params)

    def _ask(self, method: str, session: str | None = None, **params: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            data = os.read(self._in, 1 << 16)
            assert data, "chromium ended"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self._events.append(message)
        return message


def _said(event: dict[str, Any]) -> str:
    """Return the text that an event adds to the console, or an empty string."""
    params = event["params"]
    if event["method"] == "Log.entryAdded":
        return str(params["entry"]["text"])
    if event["method"] == "Runtime.consoleAPICalled":
        return " ".join(str(one.get("value")) for one in params["args"])
    if event["method"] == "Runtime.exceptionThrown":
        return str(params["exceptionDetails"]["text"])
    return ""


def asked_for(log: Path) -> set[str]:
    """Return every address that a page requested, read from `log`, the network log that the browser writes."""
    kept = json.loads(log.read_text(encoding="utf-8"))
    start = kept["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    found = [event["params"] for event in kept["events"] if event["type"] == start and "params" in event]
    return {request["url"] for request in found if request.get("initiator", _NO_PAGE) != _NO_PAGE}
