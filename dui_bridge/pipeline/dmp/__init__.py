"""What operators do with the DMP by hand. Each action asks policy or the matrix of rights before anything leaves."""
