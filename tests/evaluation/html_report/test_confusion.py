"""Cells of the confusion matrix: their counts, and their panels of images."""

import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.evaluation.html_report.confusion import confusion_section
from glassnet.evaluation.html_report.examples import (
    MAX_CORRECT,
    MAX_IMAGES,
    MAX_WRONG,
    choose_examples,
)
from tests.evaluation.html_report.conftest import FixedPredictor, MakeReportData


def test_each_cell_shows_its_count(
    make_data: MakeReportData,
) -> None:
    data = make_data(90, 4)
    body = confusion_section(data).split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in body.split("</tr>")[:-1]]
    shown = [[int(re.sub("<[^>]*>", "", cell) or 0) for cell in row] for row in rows]
    assert shown == data.report.confusion.tolist()


def test_shades_grow_with_the_counts(
    make_data: MakeReportData,
) -> None:
    data = make_data(40, 5)
    counts = data.report.confusion
    body = confusion_section(data).split("<tbody>")[1].split("</tbody>")[0]
    shades = np.array(re.findall(r'<td class="(right|s\d)">', body)).reshape(counts.shape)
    assert (shades.diagonal() == "right").all()
    off = ~np.eye(len(counts), dtype=bool)
    strengths = np.array([int(shade[1]) for shade in shades[off]])
    for strength, count in zip(strengths, counts[off], strict=True):
        assert (strength == 0) == (count == 0)
        assert strength >= strengths[counts[off] <= count].max()
    assert strengths.max() >= 3
    assert not np.array_equal(counts, counts.T)


def test_a_panel_shows_images_and_probabilities_of_its_pair(
    make_data: MakeReportData,
) -> None:
    data = make_data(90, 4)
    text = confusion_section(data)
    for (label, prediction), examples in data.cells.items():
        panel = text.split(f'id="cell-{label}-{prediction}"')[1].split("<div")[0]
        assert f"class {label} read as class {prediction}" in panel
        assert panel.count("<img") == len(examples)
        for example in examples:
            assert f"image {example.index}" in panel
            assert (example.label, example.prediction) == (label, prediction)
            assert f"{example.probabilities[prediction]:.1%} for class {prediction}" in panel
            if label != prediction:
                assert f"{example.probabilities[label]:.1%} for class {label}" in panel


def of(
    labels: list[int], probabilities: list[list[float]], rows: list[int]
) -> dict[str, list[int]]:
    images = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1)
    split = gn.Split(images, np.array(labels))
    report = gn.evaluate(FixedPredictor(np.array(probabilities)), split)
    chosen = choose_examples(report, split, np.array(probabilities), np.array(rows))
    for examples in chosen.values():
        assert all(example.image.item() == example.index for example in examples)
    return {f"{i}{j}": [example.index for example in found] for (i, j), found in chosen.items()}


def test_mistakes_start_with_the_most_confident_and_correct_images_with_the_least() -> None:
    sure = [[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]]
    assert of([1, 1, 1, 1], sure, [0, 1, 2, 3]) == {"10": [0, 2, 1], "11": [3]}
    assert of([0, 0, 0, 1], sure, [0, 1, 2, 3]) == {"00": [1, 2, 0], "11": [3]}


def test_only_held_out_images_are_shown() -> None:
    sure = [[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]]
    assert of([1, 1, 1], sure, [1, 2]) == {"10": [2, 1]}


@pytest.mark.parametrize(("n", "n_classes"), [(400, 2), (5_000, 10), (5_000, 26), (300, 50)])
def test_the_number_of_images_is_limited(make_data: MakeReportData, n: int, n_classes: int) -> None:
    cells = make_data(n, n_classes).cells
    assert all(examples for examples in cells.values())
    assert all(len(e) <= (MAX_CORRECT if i == j else MAX_WRONG) for (i, j), e in cells.items())
    assert sum(map(len, cells.values())) <= max(MAX_IMAGES, len(cells))
