"""Training runs: data, model, checkpoints, records and export."""
