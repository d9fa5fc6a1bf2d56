"""Documentation from the registry, the recipes and the model cards."""
