"""Every test of imports stores its files in a folder of its own."""

from tests.webhooks_in.imports.files import own_files

__all__ = ["own_files"]
