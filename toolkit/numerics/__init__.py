"""Arrays in, arrays out: fixed effects, cluster covariance, resampling."""
