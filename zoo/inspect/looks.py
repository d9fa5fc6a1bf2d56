"""All looks. Importing this module registers them."""

from zoo.inspect import arithmetic, clusters, dropping, features, filters, neighbors, walks
from zoo.inspect.subject import looks

__all__ = ["arithmetic", "clusters", "dropping", "features", "filters", "looks", "neighbors", "walks"]
