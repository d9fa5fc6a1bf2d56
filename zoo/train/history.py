"""The table of losses of a run."""

import csv


def read_rows(file):
    """Reads a `history.csv`.

    Args:
        file: Path of the file.

    Returns:
        List of dicts, `{column: string}`. Empty if the file does not exist.
    """
    if not file.is_file():
        return []
    with open(file) as lines:
        return list(csv.DictReader(lines))


def columns(rows):
    """Converts rows to columns of numbers.

    Args:
        rows: List of dicts, `{column: number or string}`. Columns may be missing in some rows.

    Returns:
        Dict, `{column: list of floats}`, NaN where a row has no value.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [_number(row.get(name)) for row in rows] for name in names}


def _number(value):
    return float("nan") if value in (None, "") else float(value)
