"""Training curves: loss and accuracy by epoch."""

from collections.abc import Mapping, Sequence

from glassnet.evaluation.html_report.html_markup import (
    Html,
    details,
    element,
    join,
    percent,
    section,
    table,
)
from glassnet.evaluation.html_report.line_chart import Line, line_chart
from glassnet.nn.monitoring.epoch_record import EpochRecord

PARTS = ("train", "validation")
NAMES = {"train": "training", "validation": "validation"}


def curves_section(histories: Mapping[str, Sequence[EpochRecord]]) -> Html:
    """Write the section with the curves of each network; all but the first are collapsed."""
    drawn = {name: _draw_training(name, records) for name, records in histories.items() if records}
    if not drawn:
        text = element("p", "No curves: the epochs of this run were not recorded.")
        return section("curves", "Training curves", text)
    first, *others = drawn
    parts = [drawn[first], *(details(name, drawn[name]) for name in others)]
    return section("curves", "Training curves", *parts)


def _draw_training(name: str, records: Sequence[EpochRecord]) -> Html:
    epochs = [record.epoch for record in records]
    loss = line_chart("Loss", epochs, _lines(records, "loss", 1), lambda value: f"{value:.4f}")
    accuracy = line_chart(
        "Accuracy", epochs, _lines(records, "accuracy", 100), lambda value: f"{value:.2f}%"
    )
    rows = (
        (
            str(record.epoch),
            f"{record.train_loss:.4f}",
            percent(record.train_accuracy),
            "-" if record.validation_loss is None else f"{record.validation_loss:.4f}",
            percent(record.validation_accuracy),
        )
        for record in records
    )
    heads = ("epoch", "loss", "accuracy", "validation loss", "validation accuracy")
    numbers = details(f"Every epoch as a table ({len(records)})", table(name, heads, rows))
    return join([element("div", loss, accuracy, class_="pair"), numbers])


def _lines(records: Sequence[EpochRecord], noun: str, scale: float) -> list[Line]:
    lines = []
    for part in PARTS:
        values = [getattr(record, f"{part}_{noun}") for record in records]
        if None not in values:
            lines.append(Line(NAMES[part], part, [value * scale for value in values]))
    return lines
