"""Kill runs at twenty random moments, resume them, and compare the models bit for bit.

python -m benchmarks.kills [DATA] trains on DATA (default: sample) without interruption, then twenty
times with one kill and resume each. Exits with status 1 if any model differs.
"""

import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console

N_KILLS = 20
MIN_SECONDS = 20.0


def train(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start a training run in a separate process."""
    program = [sys.executable, "-m", "glassnet", "train", "--quiet", *map(str, arguments)]
    return subprocess.Popen(program)


def digest(folder: Path) -> str:
    """Return the hash of the model of a run."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def main() -> int:
    """Train, kill, resume and compare; return the exit status."""
    out = Console(soft_wrap=True, highlight=False)
    data = sys.argv[1] if len(sys.argv) > 1 else "sample"
    root, epochs = Path(tempfile.mkdtemp()), 60
    while True:  # until a run takes long enough
        uninterrupted = root / f"uninterrupted-{epochs}"
        options = ("--data", data, "--epochs", str(epochs), "--no-pictures")
        started = time.monotonic()
        if train(*options, "--out", uninterrupted).wait():
            return 1
        seconds = time.monotonic() - started
        if seconds >= MIN_SECONDS:
            break
        epochs = int(epochs * 1.3 * MIN_SECONDS / seconds) + 1
    out.print(f"uninterrupted: {epochs} epochs, {seconds:.1f} s, {digest(uninterrupted)[:16]}")
    n_same, n_saved, rng = 0, 0, np.random.default_rng(0)
    for number in range(1, N_KILLS + 1):
        folder, moment = root / f"killed-{number}", rng.uniform(0.05, 0.8) * seconds
        process = train(*options, "--out", folder)
        time.sleep(moment)
        process.kill()
        process.wait()
        found = {path.name for path in folder.iterdir()} if folder.exists() else set()
        saved = "checkpoint.safetensors" in found
        if "config.json" in found:
            again = train("--resume", folder)
        else:
            again = train(*options, "--out", folder)
        again.wait()
        is_same = digest(folder) == digest(uninterrupted)
        n_same, n_saved = n_same + is_same, n_saved + saved
        if saved:
            outcome = "resumed from its checkpoint"
        else:
            outcome = "had finished" if "metrics.json" in found else "started again"
        out.print(f"{number:>2}: killed after {moment:5.1f} s, {outcome}: ", end="")
        out.print("identical" if is_same else "DIFFERENT")
    out.print(f"{n_same} of {N_KILLS} identical, {n_saved} resumed from a checkpoint")
    return 0 if n_same == N_KILLS else 1


if __name__ == "__main__":
    sys.exit(main())
