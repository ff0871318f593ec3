"""Checks that could sink an answer; each is given the method it checks."""
