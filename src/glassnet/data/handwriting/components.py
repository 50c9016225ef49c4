"""Components: strokes grouped into digits, in reading order."""

from dataclasses import dataclass

import numpy as np

from glassnet.types import Array

MAX_SINGLE_SIDE = 64  # pixels; a picture with a shorter longer side holds one digit
MIN_STROKE_SHARE = 0.17  # of a digit's height: a component smaller in both directions is a speck
MAX_FRAGMENT_SHARE = 0.33  # of a digit's height: a smaller component is part of a nearby digit
MAX_GAP_SHARE = 0.16  # of a digit's height, between a fragment and its stroke
MAX_ASPECT = 12  # width over height: a longer component is a line
MAX_HOLES = 8  # a component with more is a texture, such as wood grain
MAX_STROKES = 400  # a page with more does not show handwriting


@dataclass(frozen=True, eq=False)
class Component:
    """A group of strokes that may be a digit.

    Parameters
    ----------
    box : tuple of int
        Left, top, width, height, in pixels of the picture.
    mask : ndarray of bool, (height, width)
        Ink of this component within the box.
    """

    box: tuple[int, int, int, int]
    mask: Array


def find_components(is_ink: Array, sheet: Array | None = None) -> list[Component]:
    """Find components that may be digits, in reading order.

    Parameters
    ----------
    is_ink : ndarray of bool, (height, width)
        Mask of the ink, from `glassnet.data.handwriting.binarize.threshold`.
    sheet : ndarray of bool, (height, width), optional
        Mask of the paper, if it does not fill the picture.
    """
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(is_ink.astype(np.uint8), connectivity=8)
    boxes = stats[1:].astype(int)  # left, top, width, height, area
    keep = _worth_reading(boxes, is_ink.shape, _from_outside(labels, boxes, sheet))
    keep = np.array([i for i in keep if not _is_texture(labels, boxes, i)], int)
    if not len(keep) or len(keep) > MAX_STROKES:
        return []
    tall = _digit_height(boxes[keep])
    is_single = max(is_ink.shape) < MAX_SINGLE_SIDE
    groups = [keep] if is_single else _join(boxes, keep, tall)
    groups = [group for group in groups if is_single or _is_tall(boxes[group], tall)]
    components = [_cut_out(labels, boxes, group) for group in groups]
    return sort_in_reading_order(components)


def merge_ink(is_ink: Array) -> list[Component]:
    """Return a list with all the ink as one component, or an empty list if there is none."""
    rows, columns = np.flatnonzero(is_ink.any(axis=1)), np.flatnonzero(is_ink.any(axis=0))
    if not len(rows):
        return []
    left, top = int(columns[0]), int(rows[0])
    mask = is_ink[top : rows[-1] + 1, left : columns[-1] + 1]
    return [Component((left, top, mask.shape[1], mask.shape[0]), mask)]


def sort_in_reading_order(components: list[Component]) -> list[Component]:
    """Sort components by line from top to bottom, then from left to right; lines may slope."""
    lines: list[list[Component]] = []
    for component in sorted(components, key=lambda component: component.box[0]):
        _, top, _, height = component.box
        best, share = None, 0.35  # overlap, as a share of the smaller height
        for line in lines:
            _, other, _, tall = line[-1].box
            overlap = min(top + height, other + tall) - max(top, other)
            if overlap / min(height, tall) > share:
                best, share = line, overlap / min(height, tall)
        if best is None:
            lines.append([component])
        else:
            best.append(component)
    lines.sort(key=lambda line: np.mean([c.box[1] + c.box[3] / 2 for c in line]))
    return [component for line in lines for component in line]


def _from_outside(labels: Array, boxes: Array, sheet: Array | None) -> Array:
    """Return a mask of the components that touch the border of the picture or the sheet."""
    height, width = labels.shape
    left, top, wide, tall, _ = boxes.T
    touches: Array = (left == 0) | (top == 0) | (left + wide == width) | (top + tall == height)
    if sheet is not None:
        import cv2

        edge = max(3, max(labels.shape) // 100) | 1
        inner = cv2.erode(sheet.astype(np.uint8), np.ones((edge, edge), np.uint8), borderValue=1)
        touches[np.unique(labels[(inner == 0) & (labels > 0)]) - 1] = True
    return touches


def _worth_reading(boxes: Array, shape: tuple[int, int], touches: Array) -> Array:
    """Return the indices of components except specks, lines and those cut off by the border."""
    height, width = shape
    if not len(boxes):
        return np.array([], int)
    _, _, wide, tall, area = boxes.T
    # A component that touches the border is less likely to be the main one.
    weight = area * np.where(touches, 0.35, 1.0)
    main = int(weight.argmax())
    is_part = ~touches | (area > 0.5 * area[main])
    if not touches[main]:
        is_part &= ~touches
    is_part[main] = True
    is_line = (wide > MAX_ASPECT * tall) & (wide > width / 3) | (tall > MAX_ASPECT * wide) & (
        tall > 0.9 * height
    )
    is_part &= ~is_line | (np.arange(len(boxes)) == main)
    size = np.maximum(wide, tall)
    reference = _digit_height(boxes[is_part])
    return np.flatnonzero(is_part & (size >= MIN_STROKE_SHARE * reference) & (area > 1))


def _is_texture(labels: Array, boxes: Array, i: int) -> bool:
    """Return whether a component has too many holes to be a stroke."""
    import cv2

    left, top, wide, tall, area = boxes[i]
    if area < 200:
        return False
    paper = (labels[top : top + tall, left : left + wide] != i + 1).astype(np.uint8)
    # A frame of paper connects all outside regions.
    around = cv2.copyMakeBorder(paper, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    n_regions = cv2.connectedComponents(around, connectivity=4)[0] - 1  # without the ink
    return bool(n_regions - 1 > MAX_HOLES)


def _digit_height(boxes: Array) -> float:
    """Return the median height of the components, weighted by their ink."""
    size = np.maximum(boxes[:, 3], boxes[:, 2] / 2)
    order = np.argsort(size)
    reach = np.cumsum(boxes[order, 4])
    return float(size[order[np.searchsorted(reach, reach[-1] / 2)]])


def _is_tall(boxes: Array, tall: float) -> bool:
    top = boxes[:, 1].min()
    return bool((boxes[:, 1] + boxes[:, 3]).max() - top >= 0.4 * tall)


def _join(boxes: Array, keep: Array, tall: float) -> list[Array]:
    """Group strokes into digits: vertically stacked strokes, and fragments with nearby strokes."""
    group = list(range(len(keep)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for i in range(len(keep)):
        for j in range(i):
            if _belong(boxes[keep[i]], boxes[keep[j]], tall):
                group[root(i)] = root(j)
    roots = np.array([root(i) for i in range(len(keep))])
    return [keep[roots == root_] for root_ in np.unique(roots)]


def _belong(a: Array, b: Array, tall: float) -> bool:
    overlap = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    gap = max(a[1], b[1]) - min(a[1] + a[3], b[1] + b[3])
    if overlap >= 0.5 * min(a[2], b[2]) and gap < 0.3 * tall:
        return bool(a[3] + b[3] + gap < 1.9 * tall or gap < 0)
    is_small = min(max(a[2], a[3]), max(b[2], b[3])) < MAX_FRAGMENT_SHARE * tall
    return bool(is_small and gap < MAX_GAP_SHARE * tall and -overlap < MAX_GAP_SHARE * tall)


def _cut_out(labels: Array, boxes: Array, group: Array) -> Component:
    left, top = int(boxes[group, 0].min()), int(boxes[group, 1].min())
    right = int((boxes[group, 0] + boxes[group, 2]).max())
    bottom = int((boxes[group, 1] + boxes[group, 3]).max())
    is_part = np.zeros(len(boxes) + 1, bool)
    is_part[group + 1] = True
    mask = is_part[labels[top:bottom, left:right]]
    return Component((left, top, right - left, bottom - top), mask)
