"""Synthetic controls, by hand and at their edges."""
