"""What is proven afterwards: reports of a day, a week and a case, the assessment, and the packet of evidence."""
