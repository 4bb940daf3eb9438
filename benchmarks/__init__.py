"""Side by side with the peers, in one run on one machine: only the ratios mean something elsewhere."""
