"""Reading of pictures by the shipped model: synthetic digits and real handwriting."""

import csv
import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from benchmarks.drawn import draw, on_table, ruled, shaded
from glassnet.data.handwriting.components import merge_ink
from glassnet.errors import ConfigError
from glassnet.models.model import Model
from glassnet.models.reading import DocumentReading, read_picture
from glassnet.models.splitting import propose_cuts

TEXT = "01234\n56789"
DATA = os.environ.get("GLASSNET_DATA")


@pytest.fixture(scope="module")
def mnist() -> Model:
    return gn.load("mnist")


def text_of(page: DocumentReading) -> str:
    return "\n".join(
        "".join("?" if reading.digit is None else str(reading.digit) for reading in line)
        for line in page.lines
    )


PAGES = {
    "as drawn": draw(TEXT),
    "bright on dark": 255 - draw(TEXT),
    "a fine pen": draw(TEXT, pen=2),
    "a brush": draw(TEXT, pen=26),
    "pale": draw(TEXT, ground=235, ink=190),
    "in uneven light": shaded(draw(TEXT, ground=225)),
    "on ruled paper": ruled(draw(TEXT)),
    "on squared paper": ruled(draw(TEXT), both=True),
    "a sheet on a table": on_table(draw(TEXT), 0),
    "a crooked sheet": on_table(draw(TEXT), -17),
    "grainy": np.clip(
        draw(TEXT, ground=200) + np.random.default_rng(0).normal(0, 9, draw(TEXT).shape), 0, 255
    ).astype(np.uint8),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_on_any_paper_is_read_in_order(name: str, mnist: Model) -> None:
    page = read_picture(mnist, PAGES[name])
    assert text_of(page) == TEXT
    for reading in page.readings:
        assert reading.reason == ""
        assert reading.probability == max(reading.probabilities)
        assert abs(sum(reading.probabilities) - 1) < 1e-4


@pytest.mark.parametrize("sign", "0123456789")
@pytest.mark.parametrize(("height", "pen"), [(20, 1), (22, 3), (300, 25)])
def test_a_single_digit_of_any_size_is_read(
    sign: str, height: int, pen: float, mnist: Model
) -> None:
    assert text_of(read_picture(mnist, draw(sign, height=height, pen=pen))) == sign


def test_boxes_contain_the_digits(mnist: Model) -> None:
    grey = draw("47\n58", height=90)
    for reading in read_picture(mnist, grey).readings:
        assert reading.box is not None
        left, top, width, height = reading.box
        assert (grey[top : top + height, left : left + width] < 128).sum() > 200
    boxes = [reading.box for reading in read_picture(mnist, grey).readings if reading.box]
    covered = np.ones(grey.shape, bool)
    for left, top, width, height in boxes:
        covered[top : top + height, left : left + width] = False
    assert not (covered & (grey < 128)).any()


def test_touching_digits_are_split(mnist: Model) -> None:
    apart = draw("53", pen=9)
    middle = apart.shape[1] // 2
    touching = np.hstack([apart[:, : middle - 12], apart[:, middle + 15 :]])
    touching[128:138, middle - 24 : middle + 10] = 30
    assert len(merge_ink(touching < 128)) == 1
    assert text_of(read_picture(mnist, touching)) == "53"


def test_cuts_lose_no_ink() -> None:
    component = merge_ink(draw("53") < 128)[0]
    for left, right in propose_cuts(component):
        assert left.mask.sum() + right.mask.sum() == component.mask.sum()
        for part in (left, right):
            assert part.mask.shape == (part.box[3], part.box[2])
            assert part.mask.any(axis=0).all() or part.mask.any()


def test_blank_paper_gives_a_reason(mnist: Model) -> None:
    for blank in (np.full((90, 70), 250, np.uint8), np.zeros((28, 28), np.uint8)):
        (reading,) = read_picture(mnist, blank).readings
        assert (reading.digit, reading.box, reading.probabilities) == (None, None, ())
        assert reading.reason == "no ink that could be a digit"


def test_other_shapes_are_rejected_with_a_reason(mnist: Model) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (120, 120)).astype(np.uint8)
    filled = np.full((120, 120), 255, np.uint8)
    filled[30:90, 20:100] = 20
    for picture in (noise, filled):
        for reading in read_picture(mnist, picture).readings:
            assert reading.digit is None
            assert reading.reason


def test_an_unsure_digit_is_not_reported(mnist: Model) -> None:
    (sure,) = read_picture(mnist, draw("3")).readings
    assert (sure.digit, sure.reason) == (3, "")
    (unsure,) = read_picture(replace(mnist, threshold=1.0), draw("3")).readings
    assert unsure.digit is None
    assert unsure.probabilities == sure.probabilities
    assert unsure.reason == (
        f"unsure: best guess 3 (probability {sure.probability:.2f}), below the threshold 1.00"
    )


def test_a_model_for_other_images_raises() -> None:
    net = gn.mlp([64, 10], activation="relu", initializer="he", rng=np.random.default_rng(0))
    with pytest.raises(
        ConfigError, match=r"^model: needs images of 28 x 28 pixels .* got 64 inputs"
    ):
        read_picture(Model.of(net, (8, 8)), draw("1"))


@pytest.mark.skipif(DATA is None, reason="needs GLASSNET_DATA: people's handwriting")
def test_real_handwriting_is_read(mnist: Model) -> None:
    folder = Path(DATA or "") / "handwriting"
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    right: dict[str, list[bool]] = defaultdict(list)
    refused = []
    for row in rows:
        page = read_picture(mnist, folder / row["file"])
        if row["kind"] == "page":
            expected = row["label"].replace("|", "\n")
            found = text_of(page)
            assert [len(line) for line in found.split("\n")] == [6, 8, 3]
            assert sum(a == b for a, b in zip(found, expected, strict=True)) - 2 >= 14
        elif row["kind"] == "letter":
            refused.append(all(reading.digit is None for reading in page.readings))
        else:
            right[row["writer"]].append(text_of(page) == row["label"])
    every = [is_read for writer in right.values() for is_read in writer]
    assert len(every) == 122
    assert sum(every) / len(every) >= 0.93
    assert min(sum(results) / len(results) for results in right.values()) >= 0.8
    assert sum(refused) / len(refused) >= 0.6
