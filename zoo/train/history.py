"""The table of losses of a run."""

import csv
import sys


def read_rows(file):
    """Reads a `history.csv`.

    Rows that are damaged, for example by a full disk, are left out with a warning.

    Args:
        file: Path of the file.

    Returns:
        List of dicts, `{column: string}`. Empty if the file does not exist.
    """
    if not file.is_file():
        return []
    with open(file, encoding="utf-8", errors="replace", newline="") as lines:
        text = lines.read().replace("\0", "?")  # csv does not read NUL
    rows = list(csv.DictReader(text.splitlines()))
    good = [row for row in rows if _is_row(row)]
    if len(good) < len(rows):
        print(f"warning: {len(rows) - len(good)} damaged rows of {file} are left out.", file=sys.stderr)
    return good


def _is_row(row):
    """Returns whether a row has a step, and a number or nothing in each column."""
    try:
        columns([row])
        # A value without a column has the key None, and a column without a value the value None.
        return int(row["step"]) >= 0 and None not in row and None not in row.values()
    except (KeyError, ValueError, TypeError):
        return False


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
