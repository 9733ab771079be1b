"""What the detector is worth: its published peers, a benchmark's scorer, simulated outbreaks and an office's weeks."""
