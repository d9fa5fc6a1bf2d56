"""Generation from noise and conditions."""
