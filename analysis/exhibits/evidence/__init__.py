"""The evidence page: one HTML file in which every claim opens down to its cells."""
