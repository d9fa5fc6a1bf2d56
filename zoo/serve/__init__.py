"""Configuration of TF Serving."""
