"""ReadOptions: what a user may say about a source."""

from dataclasses import dataclass

from glassnet.data.readers.csv_layout import Labels, Shape


@dataclass(frozen=True)
class ReadOptions:
    """Options of `glassnet.data.readers.csv_table.parse_csv` for any reader."""

    label: str | None
    shape: Shape | None
    max_bytes: int
    labels: Labels = "needed"
