"""The zoo's cache of prepared data and downloads."""
