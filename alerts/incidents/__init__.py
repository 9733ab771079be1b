"""Trouble of our own: what is wrong with sources, stages, letters and disks, decided from facts; when it is a case."""
