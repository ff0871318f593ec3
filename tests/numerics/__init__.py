"""Arrays in, arrays out: checked against slow, plain solutions."""
