"""A measured number, with all that makes it comparable."""

import numpy as np


def record(metric, values, protocol, **details):
    """One result, as plain data for a card.

    Args:
        metric: its name.
        values: one value for each seed of sampling.
        protocol: in words, what was done.
        **details: whatever else the number depends on (counts, split, extractor, …) and the
            same reading for an oracle and for a trivial baseline.

    Returns:
        {"metric", "value" (mean), "spread" (standard deviation over seeds), "seeds", …}.
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


def _short(value):
    """Six significant digits: more than any of these numbers means."""
    return float(f"{value:.6g}")


def show(result):
    """A record as a few lines of text."""
    spread = "" if result["spread"] is None else f" ± {result['spread']:.3g}"
    lines = [f"{result['metric']}: {result['value']:.5g}{spread} ({result['seeds']} seeds)"]
    lines += [f"    {k}: {v}" for k, v in result.items() if k not in ("metric", "value", "spread", "seeds")]
    return "\n".join(lines)
