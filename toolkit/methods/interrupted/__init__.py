"""Interrupted time series: one series against its own trend and season before, and a comparison if there is one."""

from toolkit.methods.interrupted.regression import segmented

__all__ = ["segmented"]
