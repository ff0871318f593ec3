"""Methods and checks, by hand and at their edges."""
