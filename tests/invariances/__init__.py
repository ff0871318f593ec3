"""What must not change an answer, and what must change it by a known amount."""
