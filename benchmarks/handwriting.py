"""Accuracy on real handwriting: python -m benchmarks.handwriting [EARLIER_MODEL].

Writes the tables and pictures of docs/handwriting.md. Needs GLASSNET_DATA with handwriting/,
mnist/ and fashion-mnist-t10k/. The file of an earlier model adds a column for comparison.
"""

import csv
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

import glassnet as gn
from benchmarks.corruptions import CORRUPTIONS
from benchmarks.drawn import draw, on_table, ruled, shaded
from glassnet.data.handwriting.decoding import decode
from glassnet.data.handwriting.document import OPTIONAL_STEPS
from glassnet.data.handwriting.stages import stages
from glassnet.data.sources.load import load_dataset, load_images
from glassnet.evaluation.reading_plot import draw_reading
from glassnet.files import write_atomically
from glassnet.models.model import Model
from glassnet.models.reading import read_picture
from glassnet.types import Array

PAGE = Path("docs/handwriting.md")
IMAGES = Path("docs/images")
ERR = Console(stderr=True, highlight=False)
N_AS_PICTURES = 1_000  # last images of t10k, which are also read as pictures
MARK = "<!-- {}: by python -m benchmarks.handwriting -->"


def read_rows(kind: str) -> list[dict[str, str]]:
    """Return the rows of labels.csv of one kind."""
    with (folder() / "labels.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["kind"] == kind]


def folder() -> Path:
    """Return the folder of the handwriting."""
    return Path(os.environ["GLASSNET_DATA"]) / "handwriting"


def scribble(rng: np.random.Generator) -> Array:
    """Draw a scribble with 6 to 14 corners, more or less rounded."""
    n = int(rng.integers(6, 15))
    corners = rng.uniform(20, 180, (n, 2))
    along = np.linspace(0, n - 1, 400)
    points = np.stack([np.interp(along, np.arange(n), corners[:, i]) for i in (0, 1)], axis=1)
    smooth = cv2.blur(points.astype(np.float32), (1, int(rng.integers(1, 40)) | 1))
    paper = np.full((200, 200), 255, np.uint8)
    cv2.polylines(
        paper,
        [np.rint(smooth).astype(np.int32)],
        isClosed=False,
        color=20,
        thickness=int(rng.integers(4, 14)),
        lineType=cv2.LINE_AA,
    )
    return paper


def writers(models: dict[str, Model]) -> str:
    """Return a table of correct digits per writer."""
    is_correct: dict[str, dict[str, list[bool]]] = {name: defaultdict(list) for name in models}
    made = {}
    rows = read_rows("digit")
    for row in track(rows, "writers", console=ERR):
        picture = decode(folder() / row["file"])
        made[row["writer"]] = row["made"].split(",")[0].split(" (")[0]
        for name, model in models.items():
            found = [reading.digit for reading in read_picture(model, picture).readings]
            is_correct[name][row["writer"]].append(found == [int(row["label"])])
    lines = [f"| writer | source | digits | {' | '.join(models)} |", rule(3 + len(models))]
    for writer, how in made.items():
        counts = " | ".join(str(sum(is_correct[name][writer])) for name in models)
        lines.append(
            f"| {writer} | {how} | {len(next(iter(is_correct.values()))[writer])} | {counts} |"
        )
    totals = [sum(map(sum, is_correct[name].values())) for name in models]
    shares = " | ".join(f"**{n}**, {n / len(rows):.1%}" for n in totals)
    lines.append(f"| all | | {len(rows)} | {shares} |")
    (page,) = read_rows("page")
    readings = []
    for model in models.values():
        read = read_picture(model, decode(folder() / page["file"]))
        text = [
            "".join("?" if reading.digit is None else str(reading.digit) for reading in line)
            for line in read.lines
        ]
        readings.append(" / ".join(text))
    lines.append(
        f"| w12 | page, label {page['label'].replace('|', ' / ')} | 17 | {' | '.join(readings)} |"
    )
    return "\n".join(lines)


def rejections(models: dict[str, Model]) -> str:
    """Return a table of rejection rates on inputs other than digits, and on t10k."""
    rng = np.random.default_rng(0)
    fashion = load_images("fashion-mnist-t10k")[:1_000]
    groups: dict[str, Sequence[Array]] = {
        "handwritten letters (a, c)": [
            decode(folder() / row["file"]).grey for row in read_rows("letter")
        ],
        "scribbles with 6 to 14 turns": [scribble(rng) for _ in range(200)],
        "Fashion-MNIST, as pictures": list(fashion),
        "noise, as pictures": [
            rng.integers(0, 256, (int(side), int(side))).astype(np.uint8)
            for side in rng.integers(28, 300, 100)
        ],
        "blank paper": [np.full((60, 60), grey, np.uint8) for grey in range(0, 256, 5)],
    }
    lines = [f"| input | images | {' | '.join(models)} |", rule(2 + len(models))]
    for name, pictures in groups.items():
        shares = []
        for model in models.values():
            is_rejected = [
                all(reading.digit is None for reading in read_picture(model, picture).readings)
                for picture in track(pictures, name, console=ERR)
            ]
            shares.append(f"{np.mean(is_rejected):.1%}")
        lines.append(f"| {name} | {len(pictures):,} | {' | '.join(shares)} |")
    for name, images in (
        ("Fashion-MNIST, as 28 x 28", fashion),
        ("digits of t10k, as 28 x 28", t10k()[0]),
    ):
        shares = [f"{m.is_unsure(m.predict_proba(images)).mean():.2%}" for m in models.values()]
        lines.append(f"| {name} | {len(images):,} | {' | '.join(shares)} |")
    return "\n".join(lines)


def t10k() -> tuple[Array, Array]:
    """Return MNIST's test images and labels."""
    test = load_dataset("mnist", validation=0).test
    assert test is not None  # noqa: S101 - MNIST has one
    return test.images, test.labels


def unchanged(X: Array, rng: np.random.Generator) -> Array:  # noqa: ARG001 - signature of a corruption
    """Return the images unchanged."""
    return X


def corruptions(models: dict[str, Model]) -> str:
    """Return a table of accuracies on corrupted t10k; of the first model also as pictures."""
    images, labels = t10k()
    last = slice(len(images) - N_AS_PICTURES, None)
    head = " | ".join(models)
    lines = [
        f"| corruption | description | {head} | {next(iter(models))}, as pictures |",
        rule(3 + len(models)),
    ]
    changes: dict[str, Callable[..., Array]] = {"none": unchanged, **CORRUPTIONS}
    for name, corrupt in changes.items():
        changed = corrupt(images, np.random.default_rng(0))
        description = (corrupt.__doc__ or "").rstrip(".") if name in CORRUPTIONS else ""
        shares = [f"{(model.predict(changed) == labels).mean():.2%}" for model in models.values()]
        likeliest = []
        for picture in track(changed[last], name, console=ERR):
            found = read_picture(next(iter(models.values())), picture).readings
            largest = max(found, key=lambda reading: (reading.box or (0, 0, 0, 0))[3])
            likeliest.append(int(np.argmax(largest.probabilities)) if largest.probabilities else -1)
        share = (np.array(likeliest) == labels[last]).mean()
        lines.append(f"| {name} | {description} | {' | '.join(shares)} | {share:.1%} |")
    return "\n".join(lines)


def ablation(model: Model) -> str:
    """Return a table of correct digits without each step of the preprocessing."""
    rows = read_rows("digit")
    pictures = [decode(folder() / row["file"]) for row in rows]
    labels = np.array([int(row["label"]) for row in rows])
    lines = [
        "| step left out | correct of 122, without the threshold | mean probability of the label |",
        rule(3),
    ]
    for without in ((), *((name,) for name in OPTIONAL_STEPS), OPTIONAL_STEPS):
        last = [
            stages(picture, without=without)[-1].picture for picture in track(pictures, console=ERR)
        ]
        images = np.stack(
            [image if image.shape == (28, 28) else np.zeros((28, 28), np.uint8) for image in last]
        )
        found = model.predict_proba(images)
        name = "all" if without == OPTIONAL_STEPS else without[0] if without else "none"
        n_correct = int((found.argmax(axis=1) == labels).sum())
        mean = found[np.arange(len(labels)), labels].mean()
        lines.append(f"| {name} | {n_correct} | {mean:.3f} |")
    return "\n".join(lines)


def times(model: Model) -> str:
    """Return a table of reading times without decoding: 30 calls after 3 to warm up."""
    drawn = shaded(draw("4", height=700, pen=28, ground=230, margin=0.53))
    cases = {
        "drawing, 28 x 28": draw("4", height=20, pen=2, margin=0.2),
        "single digit, {} x {}": drawn,
        "page of 9 digits, {} x {}": shaded(
            draw("123\n456\n789", height=250, pen=12, ground=230, margin=0.7)
        ),
    }
    page = decode(folder() / read_rows("page")[0]["file"]).grey
    cases["page of 17 digits, {} x {}"] = page
    lines = ["| picture | median time | slowest of 30 |", rule(3)]
    for name, picture in cases.items():
        spent = []
        for _ in range(33):
            start = time.perf_counter()
            read_picture(model, picture)
            spent.append(time.perf_counter() - start)
        ms = 1_000 * np.array(spent[3:])
        label = name.format(picture.shape[1], picture.shape[0])
        lines.append(f"| {label} | {np.median(ms):.0f} ms | {ms.max():.0f} ms |")
    return "\n".join(lines)


def rule(n_columns: int) -> str:
    """Return the delimiter row of a Markdown table."""
    return "|" + "---|" * n_columns


def illustrate(model: Model) -> None:
    """Write the pictures of the page, from synthetic handwriting."""
    single_digit = on_table(
        ruled(shaded(draw("5", height=260, pen=16, ground=235, margin=0.8)), step=60), 14
    )
    several = on_table(
        shaded(draw("3141\n5926\n5358", height=130, pen=8, ground=240, margin=0.8)), -6
    )
    no_digit = scribble(np.random.default_rng(4))
    for name, picture in (("stages", single_digit), ("page", several), ("refused", no_digit)):
        drawn = draw_reading(read_picture(model, picture), f"{name}.png", model.classes)
        write_atomically(IMAGES / f"handwriting-{name}.png", drawn)


def insert(text: str, name: str, table: str) -> str:
    """Replace the table between its markers."""
    start, end = MARK.format(name), f"<!-- end of {name} -->"
    before, rest = text.split(start)
    return f"{before}{start}\n{table}\n{end}{rest.split(end)[1]}"


def main(arguments: list[str]) -> int:
    """Measure, and update the page."""
    now = gn.load("mnist")
    models = {"mnist": now, "mnist-small": gn.load("mnist-small")}
    if arguments:
        models["earlier mnist"] = gn.load(arguments[0])
    illustrate(now)
    text = PAGE.read_text(encoding="utf-8")
    tables: dict[str, Callable[[], str]] = {
        "writers": lambda: writers(models),
        "refusals": lambda: rejections(models),
        "corruptions": lambda: corruptions(models),
        "steps": lambda: ablation(now),
        "times": lambda: times(now),
    }
    for name, measure in tables.items():
        text = insert(text, name, measure())
        write_atomically(PAGE, text.encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
