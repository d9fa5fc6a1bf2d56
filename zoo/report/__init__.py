"""Reports of runs as HTML."""
