"""The tests of the interrupted time series, file for file."""
