"""All looks. Importing this module registers them."""

from zoo.inspect import arithmetic, dropping, features, filters, neighbors, walks
from zoo.inspect.subject import looks

__all__ = ["arithmetic", "dropping", "features", "filters", "looks", "neighbors", "walks"]
