"""Tests of matching and weighting."""
