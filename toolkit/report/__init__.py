"""Answers put before a reader: in words, in tables and in pictures."""
