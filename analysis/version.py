"""The version, which stands in pyproject.toml alone."""

from importlib.metadata import version

VERSION = version("juncture")
