"""Files as they were published in, tidy documented frames out."""

from toolkit.sources import police

__all__ = ["police"]
