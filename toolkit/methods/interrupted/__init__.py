"""Interrupted time series: one series before and after, against its own trend, and a comparison series if there is one."""

from toolkit.methods.interrupted.segmented import segmented

__all__ = ["segmented"]
