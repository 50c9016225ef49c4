"""Stages from a picture to 28 x 28 pixels, on synthetic digits."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.drawn import draw, on_table, ruled, shaded
from glassnet.data.handwriting import binarize, digit, polarity
from glassnet.data.handwriting import sheet as sheets
from glassnet.data.handwriting.components import find_components, merge_ink
from glassnet.data.handwriting.document import OPTIONAL_STEPS, open_page
from glassnet.data.handwriting.ruling import remove_lines
from glassnet.data.handwriting.stages import stages
from glassnet.errors import ConfigError, ShapeError
from glassnet.types import Array

DIGITS = "0123456789"
DATA = os.environ.get("GLASSNET_DATA")


def iou(a: Array, b: Array) -> float:
    """Return the intersection over union of two masks."""
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("sign", DIGITS)
@pytest.mark.parametrize("pen", [3, 12, 26])
def test_dark_and_bright_ink_are_distinguished(sign: str, pen: int) -> None:
    grey = draw(sign, pen=pen)
    assert polarity.is_dark_on_light(grey)
    assert not polarity.is_dark_on_light(255 - grey)


def test_a_sheet_on_a_dark_table_is_dark_on_light() -> None:
    sheet = on_table(draw("12\n34"), 8)
    assert (sheet > 150).mean() < 0.5
    assert polarity.is_dark_on_light(sheet)


def test_uneven_illumination_is_corrected() -> None:
    even = draw("58", ground=230)
    uneven = shaded(even, 0.35)
    found, expected = binarize.threshold(binarize.divide_by_light(uneven)), even < 130
    assert iou(found, expected) > 0.95
    # A global threshold would classify the dark corner as ink.
    assert iou(uneven < 130, expected) < 0.5


@pytest.mark.parametrize("paper", [90, 160, 255])
def test_blank_paper_has_no_ink(paper: int) -> None:
    blank = np.full((200, 300), paper, np.uint8)
    assert not binarize.threshold(binarize.divide_by_light(blank)).any()
    grain = np.random.default_rng(0).normal(0, 6, blank.shape)
    grainy = np.clip(blank + grain, 0, 255).astype(np.uint8)
    assert binarize.threshold(binarize.divide_by_light(grainy)).mean() < 1e-3
    assert open_page(grainy).components == ()


def test_faint_pencil_strokes_are_ink() -> None:
    grey = draw("1", pen=8)
    paler = grey.copy()
    paler[: grey.shape[0] // 2] = np.where(grey[: grey.shape[0] // 2] < 128, 175, 255)
    assert iou(binarize.threshold(binarize.divide_by_light(paler)), grey < 128) > 0.8


@pytest.mark.parametrize("angle", [-40, -12, 5, 23])
def test_a_tilted_sheet_is_found_and_rotated_upright(angle: int) -> None:
    sheet = on_table(draw("12\n34"), angle)
    found = sheets.find_sheet(sheet)
    assert found is not None
    assert abs(sheets.measure_tilt(found) - angle) < 1
    page = open_page(sheet)
    assert len(page.components) == 4
    heights = [component.box[3] for component in page.components]
    assert max(heights) - min(heights) < 0.12 * max(heights)


def test_a_picture_without_a_background_has_no_sheet() -> None:
    assert sheets.find_sheet(draw("3", height=200)) is None
    assert sheets.find_sheet(shaded(draw("3", height=200), 0.3)) is None


def test_boxes_are_in_pixels_of_the_original_picture() -> None:
    grey = draw("7", height=400, pen=20, margin=3)
    assert max(grey.shape) > 1_200
    page = open_page(grey)
    left, top, width, height = page.box(page.components[0])
    rows, columns = np.flatnonzero((grey < 128).any(1)), np.flatnonzero((grey < 128).any(0))
    expected = (columns[0], rows[0], np.ptp(columns) + 1, np.ptp(rows) + 1)
    np.testing.assert_allclose((left, top, width, height), expected, atol=4)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pen", [5, 12])
def test_ruled_lines_are_removed_and_crossing_strokes_kept(both: bool, pen: int) -> None:
    grey = draw("2458", pen=pen, height=160)
    strokes = grey < 128
    lined = ruled(grey, ink=60, both=both) < 128
    found, n_lines = remove_lines(lined)
    assert n_lines >= 5
    assert iou(found, strokes) > 0.9 > iou(lined, strokes)
    kept, none = remove_lines(strokes)
    assert none == 0
    assert (kept == strokes).all()


def test_lines_of_digits_are_sorted_in_reading_order() -> None:
    page = open_page(draw("123\n45\n6789"))
    assert len(page.components) == 9
    lefts = [component.box[0] for component in page.components]
    assert [i for i in range(1, 9) if lefts[i] < lefts[i - 1]] == [3, 5]


def test_a_sloping_line_is_one_line() -> None:
    flat = draw("1234567", height=60)
    height, width = flat.shape
    climb = np.array([[1, 0, 0], [-0.12, 1, 0.12 * width]], np.float32)
    tall = cv2.warpAffine(flat, climb, (width, height + int(0.12 * width)), borderValue=255)
    page = open_page(tall)
    lefts = [component.box[0] for component in page.components]
    assert len(lefts) == 7
    assert lefts == sorted(lefts)


def test_specks_and_components_cut_off_by_the_border_are_dropped() -> None:
    grey = draw("35", pen=12)
    clean = [component.box for component in open_page(grey).components]
    grey[5:9, 90:94] = 0
    grey[60:130, :6] = 0
    assert [component.box for component in open_page(grey).components] == clean


def test_a_detached_bar_is_joined_to_its_five() -> None:
    parts = np.zeros((120, 100), bool)
    parts[20:26, 45:75] = True  # the bar
    parts[32:100, 40:46] = True
    parts[60:100, 46:70] = True
    assert [component.box for component in find_components(parts)] == [(40, 20, 35, 80)]
    assert [component.box for component in merge_ink(parts)] == [(40, 20, 35, 80)]


def test_a_texture_is_dropped() -> None:
    cloth = np.zeros((300, 300), bool)
    cloth[60:200, 60:200] = True
    cloth[62:198:4, 62:198:4] = False
    assert find_components(cloth) == []


@pytest.mark.parametrize("width", [6, 20, 48])
def test_the_stroke_width_of_a_bar_is_measured(width: int) -> None:
    board = np.zeros((220, 220), bool)
    board[30:190, 80 : 80 + width] = True  # 160 pixels are 20
    assert abs(digit.measure_stroke_width(board) - width / 8) < 0.35
    evened = digit.measure_stroke_width(
        digit.normalize_stroke_width(board, digit.measure_stroke_width(board))
    )
    assert digit.MIN_STROKE_WIDTH - 0.4 < evened < digit.MAX_STROKE_WIDTH + 0.6


@pytest.mark.parametrize("sign", DIGITS)
@pytest.mark.parametrize("height", [18, 60, 300])
def test_the_last_stage_has_mnists_format(sign: str, height: int) -> None:
    grey = draw(sign, height=height, pen=max(1.5, height / 12), margin=0.8)
    last = stages(grey)[-1].picture
    assert last.shape == (28, 28)
    assert last.dtype == np.uint8
    assert last.max() == 255
    rows, columns = np.flatnonzero(last.any(1)), np.flatnonzero(last.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    middle = np.indices((28, 28)).reshape(2, -1) @ last.ravel() / last.sum(dtype=float)
    assert np.abs(middle - 13.5).max() <= 0.75


def test_stages_have_names_and_notes_and_leave_the_picture_unchanged() -> None:
    grey = draw("4")
    grey.flags.writeable = False
    before = grey.tobytes()
    shown = stages(grey)
    assert [stage.name for stage in shown] == ["grey", *OPTIONAL_STEPS]
    assert all(stage.note and stage.picture.dtype == np.uint8 for stage in shown)
    assert grey.tobytes() == before


@pytest.mark.parametrize("name", OPTIONAL_STEPS)
def test_each_step_can_be_skipped(name: str) -> None:
    grey = on_table(255 - ruled(shaded(draw("6", ground=230))), 12, table=250)
    last = stages(grey, without=[name])[-1].picture
    assert last.shape == (28, 28)
    assert last.tolist() != stages(grey)[-1].picture.tolist() or name in ("lines", "specks")


def test_an_unknown_step_and_an_invalid_array_raise() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'centre'"):
        stages(draw("1"), without=["center"])
    with pytest.raises(ShapeError, match="needs grey values as uint8"):
        stages(np.zeros((4, 4, 3), np.uint8))


def test_a_picture_without_ink_has_no_digit_stages() -> None:
    assert [stage.name for stage in stages(np.full((50, 50), 255, np.uint8))][-1] == "specks"


@pytest.mark.skipif(DATA is None, reason="needs GLASSNET_DATA: MNIST's images")
def test_mnist_images_stay_nearly_unchanged() -> None:
    import glassnet as gn
    from glassnet.data.sources.load import load_dataset

    test = load_dataset(str(Path(DATA or "") / "mnist"), validation=0).test
    assert test is not None
    images, labels = test.images[5_000:5_400], test.labels[5_000:5_400]
    brought = np.stack([stages(image)[-1].picture for image in images])
    model = gn.load("mnist")
    before = (model.predict(images) == labels).mean()
    assert (model.predict(brought) == labels).mean() > before - 0.02
