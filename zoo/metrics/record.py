"""Records of measured values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def record(metric: str, values: npt.ArrayLike, protocol: str, **details: Any) -> dict[str, Any]:
    """Returns the record of a measured value as JSON values, for a model card.

    Args:
        metric: String. Name of the metric.
        values: Array with one value per random seed.
        protocol: String. Description of the measurement.
        **details: Other facts that the value depends on (counts, split, extractor, …), and the values of an
            oracle and of a trivial baseline.

    Returns:
        Dict with the keys "metric", "value" (mean over seeds), "spread" (standard deviation over seeds, or
        `None` for one seed), "seeds" (number of seeds), "protocol" and those of `details`.
    """
    values = np.asarray(values, np.float64)
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    return {
        "metric": metric,
        "value": _short(values.mean()),
        "spread": None if spread is None else _short(spread),
        "seeds": len(values),
        "protocol": protocol,
        **{k: _short(v) if isinstance(v, (float, np.floating)) else v for k, v in details.items()},
    }


def _short(value: float | np.floating) -> float:
    """Rounds to six significant digits."""
    return float(f"{value:.6g}")


def show(result: Mapping[str, Any]) -> str:
    """Formats a record as lines of text."""
    spread = "" if result["spread"] is None else f" ± {result['spread']:.3g}"
    lines = [f"{result['metric']}: {result['value']:.5g}{spread} ({result['seeds']} seeds)"]
    lines += [f"    {k}: {v}" for k, v in result.items() if k not in ("metric", "value", "spread", "seeds")]
    return "\n".join(lines)
