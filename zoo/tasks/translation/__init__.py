"""Translation of images between two domains."""
