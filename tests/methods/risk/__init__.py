"""Tests of the comparison of people."""
