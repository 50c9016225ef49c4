"""The Lab under load: python -m benchmarks.lab_load.

Starts ``glassnet lab`` and simulates visitors who draw, each in a separate session, at five updates
per second; repeats this while two runs train; then sends a thousand invalid requests. Writes
``docs/benchmarks/lab-load.md``. Exits with status 1 on a server error, or if the 99th percentile
without runs is above 100 ms.

The visitors are one process on the same machine as the server, so that their load is part of the
measurement.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import uvloop

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "benchmarks" / "lab-load.md"
PORT = 8799
SIDE = 112
UPDATE_SECONDS = 0.2  # between updates of a visitor
ARRIVAL_SECONDS = 5.0  # in which all visitors arrive, the time to draw a digit
MAX_MS = 100.0
STROKES = (  # hand-drawn digits, on a canvas of 256 x 256
    [(80, 64), (120, 44), (160, 54), (170, 90), (130, 120), (175, 150), (165, 195), (80, 190)],
    [(70, 70), (120, 45), (170, 75), (150, 120), (90, 190), (75, 205), (180, 200)],
    [(130, 45), (85, 80), (80, 150), (115, 200), (165, 180), (175, 110), (150, 60), (130, 45)],
    [(130, 40), (128, 90), (126, 150), (124, 210)],
    [(175, 60), (120, 50), (100, 100), (150, 110), (175, 150), (140, 200), (85, 190)],
)


@dataclass
class Tally:
    """Response times in milliseconds, and counts of HTTP statuses."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def drawings() -> list[list[bytes]]:
    """Return the bodies of the updates while each digit is drawn."""
    digits = []
    for points in STROKES:
        history, last = [], len(points) - 1
        for share in np.linspace(0.1, 1, 25):
            paper = np.full((SIDE, SIDE), 255, np.uint8)
            n, rest = int(share * last), share * last % 1
            shown = [*points[: n + 1]]
            if n < last:
                (x, y), (u, v) = points[n], points[n + 1]
                shown.append((x + rest * (u - x), y + rest * (v - y)))
            path = (np.array(shown) * SIDE / 256).astype(np.int32)
            cv2.polylines(paper, [path], False, 0, 9, cv2.LINE_AA)
            history.append(paper.tobytes())
        digits.append(history)
    return digits


async def send(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Send a request over an open connection and read the response."""
    lines = f"{head}\r\nHost: 127.0.0.1:{PORT}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(lines.encode() + body)
    status = int((await reader.readline()).split()[1])
    headers = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    return status, headers, await reader.readexactly(int(headers.get("content-length", 0)))


async def visit(seconds: float, digits: list[list[bytes]], tally: Tally) -> None:
    """Simulate a visitor who draws one digit after the other."""
    await asyncio.sleep(random.random() * ARRIVAL_SECONDS)  # noqa: S311 - visitors are not synchronised
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    _, headers, _ = await send(reader, writer, "GET /api/lab HTTP/1.1", b"")
    cookie = headers["set-cookie"].split(";")[0]
    path = f"POST /api/drawing?network=784-32-10&side={SIDE} HTTP/1.1\r\nCookie: {cookie}"
    until = time.perf_counter() + seconds
    due = time.perf_counter()
    while time.perf_counter() < until:
        for body in random.choice(digits):  # noqa: S311
            due += UPDATE_SECONDS
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            started = time.perf_counter()
            status, _, _ = await send(reader, writer, path, body)
            tally.times.append(1_000 * (time.perf_counter() - started))
            tally.statuses[status] += 1
    writer.close()


async def simulate_visitors(n: int, seconds: float) -> Tally:
    """Simulate `n` visitors at the same time."""
    tally, digits = Tally(), drawings()
    await asyncio.gather(*(visit(seconds, digits, tally) for _ in range(n)))
    return tally


async def start_runs() -> None:
    """Start two long runs in a separate session."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    head, cookie = "POST /api/runs HTTP/1.1\r\nContent-Type: application/json", ""
    for seed in (0, 1):
        body = json.dumps({"hidden": [128, 64], "epochs": 100, "seed": seed}).encode()
        status, headers, answer = await send(reader, writer, head + cookie, body)
        if status != 201:
            raise SystemExit(f"cannot start a run: {answer.decode()}")
        cookie = cookie or "\r\nCookie: " + headers["set-cookie"].split(";")[0]
    writer.close()


def bad_requests(n: int) -> list[bytes]:
    """Generate invalid requests of many kinds."""
    rng = random.Random(0)  # noqa: S311
    host = f"Host: 127.0.0.1:{PORT}\r\n"
    paths = ["/api/steps", "/api/drawing", "/api/picture", "/api/runs"]
    paths += ["/api/evidence", "/api/lab"]
    paths += [
        "/api/steps/step-1/explanation",
        "/api/steps/x/arrays/W1",
        "/api/images/test/99999999",
    ]
    paths += ["/api/images/exam/1", "/api/runs/nobody", "/api/runs/x/weights", "/nothing"]
    paths += ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/js/..%2f..%2fapp.py", "/api//lab"]
    bodies = ["", "{", "[]", "null", '"x"', "{}", '{"network": null}', '{"hidden": [0]}', "NaN"]
    bodies += ['{"network": "mnist", "image": {"part": "test", "index": -1}}', "\x00\x01\x02"]
    bodies += ['{"network": "784-32-10", "image": {"pixels": [256]}, "label": 99}']
    bodies += ['{"learning_rate": Infinity}', '{"learning_rate": 1e999}', '{"seed": 1e400}']
    bodies += ['{"hidden": [' + "9," * 5_000 + "9]}", '{"epochs": 99999999999999999999}']
    bodies += [
        '{"experiment": "\ud7ff\u202e"}',
        '{"action": "explode"}',
        "[" * 20_000,
        "x" * 300_000,
    ]
    queries = [
        "",
        "?network=784-32-10&side=112",
        "?side=-1",
        "?side=1e9&network=%00",
        "?quantity=z1",
    ]
    queries += ["?index=1,2,3", "?quantity=W1&index=99999,9", "?eps=nan", "?n_inputs=0", "?since=x"]
    queries += ["?network=" + "n" * 3_000, "?without=everything&network=mnist&side=5", "?step=-5"]
    requests = []
    for _ in range(n):
        method = rng.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
        body = rng.choice(bodies).encode("utf-8", "surrogatepass")
        kind = rng.choice(["application/json", "text/plain", "multipart/form-data", "image/png"])
        extra = rng.choice(
            ["", "", "Origin: http://evil.example\r\n", "Cookie: glassnet-session=x\r\n"]
        )
        extra += rng.choice(
            ["", "", "Cookie: =;;=\r\n", "Accept: nothing\r\n", "X: " + "y" * 500 + "\r\n"]
        )
        at = rng.choice([host, host, host, "Host: evil.example\r\n", ""])
        head = f"{method} {rng.choice(paths)}{rng.choice(queries)} HTTP/1.1\r\n{at}{extra}"
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        requests.append(head.encode() + body)
    return requests


async def send_bad_requests(n: int) -> Counter[int]:
    """Send invalid requests, one connection each; count the statuses, 0 for no response."""
    statuses: Counter[int] = Counter()
    for request in bad_requests(n):
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        try:
            writer.write(request)
            line = await asyncio.wait_for(reader.readline(), 30)
            statuses[int(line.split()[1]) if line else 0] += 1
        except ConnectionError:
            statuses[0] += 1
        finally:
            writer.close()
    return statuses


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB; NaN if the system does not provide it."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def start_server() -> "subprocess.Popen[str]":
    """Start the Lab and wait until it is ready."""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
    command = [sys.executable, "-m", "glassnet", "lab", "--no-browser", "--port", str(PORT)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    if server.stdout is None or not server.stdout.readline():
        raise SystemExit("the Lab did not start")
    time.sleep(5)  # until the networks and images for the first visitor are loaded
    return server


def main() -> int:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--bad", type=int, default=1_000)
    options = parser.parse_args()
    server = start_server()
    rows, is_good = [], True
    try:
        before = resident_mb(server.pid)
        for load in ("drawing only", "drawing while two runs train"):
            if "runs" in load:
                uvloop.run(start_runs())
            tally = uvloop.run(simulate_visitors(options.sessions, options.seconds))
            p50, p90, p99 = np.percentile(tally.times, [50, 90, 99])
            wrong = sum(n for status, n in tally.statuses.items() if status != 200)
            row = f"| {load} | {len(tally.times):,} | {p50:.0f} | {p90:.0f} | {p99:.0f} "
            row += f"| {max(tally.times):.0f} | {wrong} | {resident_mb(server.pid):.0f} |"
            rows.append(row)
            sys.stdout.write(row + "\n")
            is_good &= wrong == 0 and ("runs" in load or p99 < MAX_MS)
        statuses = asyncio.run(send_bad_requests(options.bad))
    finally:
        server.terminate()
        server.wait(10)
    is_good &= not any(status >= 500 or status == 0 for status in statuses)
    counts = ", ".join(f"{n} x {status}" for status, n in sorted(statuses.items()))
    lines = [
        "# Load on the Lab",
        "",
        "Latency in milliseconds, from the request to the complete response, for "
        f"{options.sessions} sessions that start within {ARRIVAL_SECONDS:.0f} s and draw for "
        f"{options.seconds:.0f} s each, at {1 / UPDATE_SECONDS:.0f} updates per second. The "
        f"client ran on the same machine ({os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}). "
        f"Measured on {datetime.now(UTC):%d %B %Y} by `python -m benchmarks.lab_load`. The server "
        f"used {before:.0f} MB before the first session.",
        "",
        "| | updates | median | 90% | 99% | maximum | errors | MB |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"Status codes of {options.bad:,} malformed requests (hosts, origins, methods, paths, "
        f"queries, bodies, sizes): {counts}.",
    ]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
