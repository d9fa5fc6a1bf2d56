"""Super-resolution of images."""
