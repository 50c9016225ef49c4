"""``glassnet predict`` on pictures: files, folders, patterns and standard input."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.drawn import draw
from tests.cli.conftest import Glassnet
from tests.data.handwriting.test_decoding import claimed


@pytest.fixture
def pictures() -> Path:
    """Write pictures of a seven, a three and a page of two lines."""
    folder = Path("mine")
    folder.mkdir()
    for name, text in (("b.png", "7"), ("a.jpg", "3"), ("page.png", "12\n458")):
        Image.fromarray(draw(text)).save(folder / name)
    (folder / "notes.txt").write_text("not a picture")
    return folder


def test_predict_accepts_a_file_a_folder_and_a_pattern(glassnet: Glassnet, pictures: Path) -> None:
    done = glassnet("predict", pictures / "b.png")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Model mnist, shipped with glassnet\nmine/b.png: 7, probability 0.")
    done = glassnet("predict", pictures, "--json")
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    found = [(Path(row["file"]).name, row["line"], row["digit"]) for row in rows]
    of_page = [("page.png", 0, 1), ("page.png", 0, 2)] + [("page.png", 1, k) for k in (4, 5, 8)]
    assert found == [("a.jpg", 0, 3), ("b.png", 0, 7), *of_page]
    assert set(rows[0]) >= {"file", "box", "digit", "probability", "probabilities", "reason"}
    left, top, width, height = rows[1]["box"]
    ink = np.asarray(Image.open(pictures / "b.png"))[top : top + height, left : left + width]
    assert (ink < 128).sum() > 0.98 * (np.asarray(Image.open(pictures / "b.png")) < 128).sum()
    assert [row["index"] for row in rows] == [0, 0, 0, 1, 2, 3, 4]
    both = glassnet("predict", "mine/[ab].*", "--json")
    assert [row["digit"] for row in json.loads(both.out)] == [3, 7]


def test_predict_reads_standard_input(pictures: Path) -> None:
    command = [sys.executable, "-m", "glassnet", "predict", "-", "--json"]
    content = (pictures / "b.png").read_bytes()
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    (row,) = json.loads(done.stdout)
    assert (row["file"], row["digit"]) == ("-", 7)
    done = subprocess.run(command, input=b"", capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr == b"glassnet: standard input: needs a picture, got an empty file\n"


def test_a_page_is_printed_line_by_line(glassnet: Glassnet, pictures: Path) -> None:
    done = glassnet("predict", pictures / "page.png")
    assert done.out.splitlines()[1].startswith(
        "mine/page.png: 5 digits in 2 lines, lowest probability 0."
    )
    assert done.out.splitlines()[2:] == ["  12", "  458"]


def test_csv_has_positions_for_pictures(glassnet: Glassnet, pictures: Path) -> None:
    Image.new("L", (60, 60), 255).save(pictures / "blank.png")
    assert glassnet("predict", pictures, "--csv", "out.csv").code == 0
    with Path("out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    place = ["left", "top", "width", "height", "reason"]
    assert list(rows[0]) == ["file", "index", "digit", "probability", *place]
    blank = next(row for row in rows if row["file"].endswith("blank.png"))
    assert (blank["digit"], blank["left"]) == ("", "")
    assert blank["reason"] == "no ink that could be a digit"
    assert sorted(row["digit"] for row in rows) == ["", "1", "2", "3", "4", "5", "7", "8"]


def test_show_writes_one_figure_per_picture_and_overwrites_none(
    glassnet: Glassnet, pictures: Path
) -> None:
    for _ in range(2):
        assert glassnet("predict", pictures, "--show", "seen", "-q").code == 0
    names = sorted(path.name for path in Path("seen").iterdir())
    assert names == sorted(
        name for stem in ["a", "b", "page"] for name in (f"{stem}.read.png", f"{stem}-2.read.png")
    )
    for path in Path("seen").iterdir():
        drawn = np.asarray(Image.open(path))
        assert drawn.shape[1] > 1_000
        assert drawn.std() > 10


def test_unreadable_files_do_not_stop_the_others(glassnet: Glassnet, pictures: Path) -> None:
    (pictures / "broken.png").write_bytes((pictures / "b.png").read_bytes()[:300])
    done = glassnet("predict", pictures, "--json")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert done.err.startswith("glassnet: mine/broken.png: the picture is damaged (")
    assert len(json.loads(done.out)) == 7


@pytest.mark.parametrize(
    ("name", "content", "needs"),
    [
        ("cut.png", None, "cut.png: the picture is damaged"),
        ("text.png", b"hello, I am text", "text.png: needs a picture, got bytes that begin 68656c"),
        ("empty.png", b"", "empty.png: needs a picture, got an empty file"),
        ("bomb.png", claimed(60_000, 60_000), "bomb.png: needs at most 50,000,000 pixels"),
        ("none.png", ..., "none.png: cannot be read (No such file or directory)"),
    ],
)
def test_unreadable_pictures_get_one_line(
    glassnet: Glassnet, name: str, content: bytes | None, needs: str
) -> None:
    if content is None:
        buffer = io.BytesIO()
        Image.fromarray(draw("5")).save(buffer, "PNG")
        content = buffer.getvalue()[: len(buffer.getvalue()) // 2]
    if isinstance(content, bytes):
        Path(name).write_bytes(content)
    done = glassnet("predict", name)
    assert done.code == 2
    assert done.err.startswith(f"glassnet: {needs}")
    assert done.err.count("\n") == 1


def test_usage_errors_get_one_line(glassnet: Glassnet, pictures: Path) -> None:
    Path("nothing").mkdir()
    Path("file").write_text("")
    cases = [
        (("nothing",), "nothing: needs pictures (.png, .jpg, ...) or a dataset, found none"),
        (("*.gif",), "*.gif: no file matches this pattern"),
        (("-", "-"), "-: standard input can be read only once, got it twice"),
        (("mine/b.png", "--submission", "s.csv"), "--submission: needs a table or Kaggle's zip"),
        (("mine/b.png", "--show", "file"), "--show: needs a folder, got the file file"),
        (("mine/b.png", "--show", "no/such"), "--show: needs a name in an existing folder, got no"),
    ]
    for arguments, message in cases:
        done = glassnet("predict", *arguments)
        assert done.code == 2, arguments
        assert done.err.startswith(f"glassnet: {message}"), done.err
        assert done.err.count("\n") == 1
