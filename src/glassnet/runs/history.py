"""The history: the records of a training as a table, for people and their spreadsheets."""

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from glassnet.nn.record import EpochRecord


def history_csv(records: Sequence[EpochRecord]) -> str:
    """Lay records out as a table.

    Parameters
    ----------
    records : sequence of EpochRecord
        Of the epochs so far, at least one.

    Returns
    -------
    str
        CSV: a header, a row for each epoch. What is told for each layer gets a column for each.
    """
    text = io.StringIO()
    rows = [_flat(record) for record in records]
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _flat(record: EpochRecord) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, tuple):
            stem = field.name.removesuffix("s")
            row |= {f"{stem}_{number}": x for number, x in enumerate(value, start=1)}
        else:
            row[field.name] = value
    return row
