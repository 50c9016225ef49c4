"""The Lab under load: python -m benchmarks.lab_load.

Starts ``glassnet lab`` and lets visitors draw in it, each in a session of its own, at five updates
a second; then again while two runs train; then asks it a thousand things that nobody should
ask. Writes ``docs/benchmarks/lab-load.md``. The exit code is 1 where an answer is an error of the
server's, or the slowest hundredth takes longer than 100 ms.

The visitors are one process beside the server, which shares the machine with them: what they take
is part of what is measured.
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
EVERY = 0.2  # seconds between a visitor's updates
ARRIVALS = 5.0  # seconds in which all visitors come, a digit's time
MOST_MS = 100.0
STROKES = (  # digits as somebody might draw them, on a field of 256
    [(80, 64), (120, 44), (160, 54), (170, 90), (130, 120), (175, 150), (165, 195), (80, 190)],
    [(70, 70), (120, 45), (170, 75), (150, 120), (90, 190), (75, 205), (180, 200)],
    [(130, 45), (85, 80), (80, 150), (115, 200), (165, 180), (175, 110), (150, 60), (130, 45)],
    [(130, 40), (128, 90), (126, 150), (124, 210)],
    [(175, 60), (120, 50), (100, 100), (150, 110), (175, 150), (140, 200), (85, 190)],
)


@dataclass
class Tally:
    """What the visitors saw: milliseconds of each answer, and how many of each status."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def drawings() -> list[list[bytes]]:
    """Draw each digit in steps, as a hand does: the body of each update."""
    films = []
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
        films.append(history)
    return films


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Send a request over a connection that is kept, and read its answer."""
    lines = f"{head}\r\nHost: 127.0.0.1:{PORT}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(lines.encode() + body)
    status = int((await reader.readline()).split()[1])
    headers = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    return status, headers, await reader.readexactly(int(headers.get("content-length", 0)))


async def visit(seconds: float, films: list[list[bytes]], tally: Tally) -> None:
    """Be one visitor, who draws one digit after the other."""
    await asyncio.sleep(random.random() * ARRIVALS)  # noqa: S311 - visitors do not keep step
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    _, headers, _ = await ask(reader, writer, "GET /api/lab HTTP/1.1", b"")
    cookie = headers["set-cookie"].split(";")[0]
    path = f"POST /api/drawing?network=784-32-10&side={SIDE} HTTP/1.1\r\nCookie: {cookie}"
    until = time.perf_counter() + seconds
    due = time.perf_counter()
    while time.perf_counter() < until:
        for body in random.choice(films):  # noqa: S311
            due += EVERY
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            started = time.perf_counter()
            status, _, _ = await ask(reader, writer, path, body)
            tally.times.append(1_000 * (time.perf_counter() - started))
            tally.statuses[status] += 1
    writer.close()


async def crowd(n: int, seconds: float) -> Tally:
    """Let all visitors draw at once."""
    tally, films = Tally(), drawings()
    await asyncio.gather(*(visit(seconds, films, tally) for _ in range(n)))
    return tally


async def start_runs() -> None:
    """Start two long runs in a session of their own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    head, cookie = "POST /api/runs HTTP/1.1\r\nContent-Type: application/json", ""
    for seed in (0, 1):
        body = json.dumps({"hidden": [128, 64], "epochs": 100, "seed": seed}).encode()
        status, headers, answer = await ask(reader, writer, head + cookie, body)
        if status != 201:
            raise SystemExit(f"a run could not be started: {answer.decode()}")
        cookie = cookie or "\r\nCookie: " + headers["set-cookie"].split(";")[0]
    writer.close()


def bad_requests(n: int) -> list[bytes]:
    """Make requests of every kind that nobody should send."""
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
    made = []
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
        made.append(head.encode() + body)
    return made


async def misbehave(n: int) -> Counter[int]:
    """Send bad requests, one connection each; count the statuses, 0 where none came."""
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
    """Return the memory of a process, in MB; nan where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def start_server() -> "subprocess.Popen[str]":
    """Start the Lab, and wait until it answers."""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
    command = [sys.executable, "-m", "glassnet", "lab", "--no-browser", "--port", str(PORT)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    if server.stdout is None or not server.stdout.readline():
        raise SystemExit("the Lab did not start")
    time.sleep(5)  # until what the first visitor will ask for is loaded
    return server


def main() -> int:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--bad", type=int, default=1_000)
    asked = parser.parse_args()
    server = start_server()
    rows, is_good = [], True
    try:
        before = resident_mb(server.pid)
        for what in ("drawing alone", "drawing while two runs train"):
            if "runs" in what:
                uvloop.run(start_runs())
            tally = uvloop.run(crowd(asked.sessions, asked.seconds))
            p50, p90, p99 = np.percentile(tally.times, [50, 90, 99])
            wrong = sum(n for status, n in tally.statuses.items() if status != 200)
            row = f"| {what} | {len(tally.times):,} | {p50:.0f} | {p90:.0f} | {p99:.0f} "
            row += f"| {max(tally.times):.0f} | {wrong} | {resident_mb(server.pid):.0f} |"
            rows.append(row)
            sys.stdout.write(row + "\n")
            is_good &= wrong == 0 and ("runs" in what or p99 < MOST_MS)
        statuses = asyncio.run(misbehave(asked.bad))
    finally:
        server.terminate()
        server.wait(10)
    is_good &= not any(status >= 500 or status == 0 for status in statuses)
    counts = ", ".join(f"{n} x {status}" for status, n in sorted(statuses.items()))
    lines = [
        "# Load on the Lab",
        "",
        f"Latency in milliseconds, from the request to the complete response, for {asked.sessions} "
        f"sessions that start within {ARRIVALS:.0f} s and draw for {asked.seconds:.0f} s each, at "
        f"{1 / EVERY:.0f} updates per second. The client ran on the same machine "
        f"({os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}). "
        f"Measured on {datetime.now(UTC):%d %B %Y} by `python -m benchmarks.lab_load`. The server "
        f"used {before:.0f} MB before the first session.",
        "",
        "| | updates | median | 90 % | 99 % | maximum | errors | MB |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"Status codes of {asked.bad:,} malformed requests (hosts, origins, methods, paths, "
        f"queries, bodies, sizes): {counts}.",
    ]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
