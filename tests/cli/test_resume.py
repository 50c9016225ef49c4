"""Runs that are killed, interrupted or out of disk space, and resumed."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Glassnet

LONG = ("--hidden", "32", "--epochs", "400", "--no-pictures", "--batch-size", "16")
# The command line, writing a checkpoint ten times a second.
PROGRAM = """
import sys
from glassnet.cli import main
from glassnet.runs import run
run.CHECKPOINT_SECONDS = 0.1
sys.exit(main(sys.argv[1:]))
"""


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-u", "-c", PROGRAM, "train", *map(str, arguments)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(path: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.02)


def wait_for_change(path: Path, before: int, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while path.stat().st_mtime_ns == before:
        assert time.monotonic() < end, f"{path} did not change"
        time.sleep(0.02)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_run_killed_twice_and_resumed_has_the_same_bits(glassnet: Glassnet, bars: Path) -> None:
    options = ("--data", bars, *LONG)
    assert glassnet("train", *options, "--out", "uninterrupted").code == 0
    interrupted = Path("interrupted")
    process = start(*options, "--out", interrupted)
    wait_for(interrupted / "checkpoint.safetensors")
    process.kill()
    process.communicate()
    first = (interrupted / "checkpoint.safetensors").stat().st_mtime_ns
    process = start("--resume", interrupted)
    wait_for_change(interrupted / "checkpoint.safetensors", first)
    process.kill()
    process.communicate()
    done = glassnet("train", "--resume", interrupted)
    assert done.code == 0
    assert digest(interrupted) == digest(Path("uninterrupted"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to the whole console")
def test_ctrl_c_saves_and_exits_with_130(glassnet: Glassnet, bars: Path) -> None:
    folder = Path("run")
    process = start("--data", bars, *LONG, "--out", folder)
    wait_for(folder / "config.json")
    assert process.stdout is not None
    while not process.stdout.readline().startswith(b"epoch"):
        pass
    process.send_signal(signal.SIGINT)
    message = process.communicate()[1].decode()
    assert process.returncode == 130
    assert "--resume run" in message
    assert len(message.splitlines()) == 1
    assert (folder / "checkpoint.safetensors").is_file()
    assert not (folder / "model.safetensors").exists()


def test_a_second_process_is_an_error(glassnet: Glassnet, bars: Path) -> None:
    folder = Path("run")
    process = start("--data", bars, *LONG, "--out", folder)
    try:
        wait_for(folder / "config.json")
        done = glassnet("train", "--resume", folder)
    finally:
        process.kill()
        process.communicate()
    assert done.code == 2
    assert "another process is using this run" in done.err


def test_resuming_a_finished_run_changes_nothing(glassnet: Glassnet, bars: Path) -> None:
    glassnet("train", "--data", bars, "--epochs", "2", "--no-pictures", "--out", "run")
    before = {path.name: path.stat().st_mtime_ns for path in Path("run").iterdir()}
    done = glassnet("train", "--resume", "run")
    assert done.code == 0
    assert "finished" in done.out
    assert {path.name: path.stat().st_mtime_ns for path in Path("run").iterdir()} == before
    as_json = json.loads(glassnet("train", "--resume", "run", "--json").out)
    assert as_json["epochs"] == 2


def test_other_options_with_resume_are_an_error(glassnet: Glassnet) -> None:
    done = glassnet("train", "--resume", "run", "--epochs", "3")
    assert done.code == 2
    assert "--epochs" in done.err


def test_a_missing_run_cannot_be_resumed(glassnet: Glassnet) -> None:
    done = glassnet("train", "--resume", "nowhere")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "config.json" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_write_failure_keeps_the_last_complete_state(glassnet: Glassnet, bars: Path) -> None:
    options = ["--data", str(bars), "--hidden", "400", "--epochs", "8", "--no-pictures"]
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))\n"
        "from glassnet.cli import main\n"
        f"sys.exit(main(['train', *{options!r}, '--out', 'run']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "File too large" in done.stderr
    assert "--resume run" in done.stderr
    names = sorted(path.name for path in Path("run").iterdir())
    assert names == [".lock", "config.json", "training_hashes.safetensors"]
    assert glassnet("train", *options, "--out", "uninterrupted").code == 0
    assert glassnet("train", "--resume", "run").code == 0
    assert digest(Path("run")) == digest(Path("uninterrupted"))
