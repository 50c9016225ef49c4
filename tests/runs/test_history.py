"""History: writing and reading records."""

from dataclasses import replace
from pathlib import Path

import pytest

from glassnet import EpochRecord
from glassnet.errors import ConfigError
from glassnet.runs.history import history_csv, read_histories, read_history

FIRST = EpochRecord(
    epoch=1,
    step=15,
    train_loss=1.5,
    train_accuracy=0.5,
    validation_loss=0.25,
    validation_accuracy=0.75,
    learning_rate=0.1,
    gradient_norms=(1.0, 2.0),
    dead=(0.5,),
    saturated_units=(0.0,),
    seconds=0.2,
    images_per_second=9e4,
)
RECORDS = [FIRST, replace(FIRST, epoch=2, train_loss=1 / 3, gradient_norms=(1e-9, 0.1))]


@pytest.mark.parametrize(
    "records",
    [
        RECORDS,
        [replace(record, validation_loss=None, validation_accuracy=None) for record in RECORDS],
        [replace(record, dead=(), saturated_units=(), gradient_norms=(1.0,)) for record in RECORDS],
    ],
)
def test_records_survive_a_round_trip_bit_for_bit(
    tmp_path: Path, records: list[EpochRecord]
) -> None:
    (tmp_path / "history.csv").write_text(history_csv(records))
    assert read_history(tmp_path / "history.csv") == records


def test_histories_of_an_ensemble_are_in_the_order_of_its_members(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        (tmp_path / f"member-{number}").mkdir()
        table = history_csv([replace(FIRST, epoch=number)])
        (tmp_path / f"member-{number}" / "history.csv").write_text(table)
    (tmp_path / "member-3").mkdir()  # begun, with no epoch yet
    found = read_histories(tmp_path)
    assert [Path(name).name for name in found] == ["member-1", "member-2", "member-10"]
    assert [records[0].epoch for records in found.values()] == [1, 2, 10]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("1.5", "record"),
        lambda text: text.replace("train_loss", "loss"),
        lambda text: text.replace("\n1,", "\n1,7,7,7,7,"),
        lambda text: text[: len(text) - 30],
        lambda text: text.replace("1.5", "1.5\0"),
    ],
)
def test_a_damaged_history_is_reported_with_its_path(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "history.csv"
    path.write_text(damage(history_csv(RECORDS)))  # type: ignore[operator]
    with pytest.raises(ConfigError, match=r"history\.csv: is damaged"):
        read_history(path)
