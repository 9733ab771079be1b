"""What people ask of the alerts and do to them, as values: for the command line and for a console."""
