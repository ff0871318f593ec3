"""Agreement with R and with published numbers."""
