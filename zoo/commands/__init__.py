"""Commands: their spelling, standard streams and signals."""
