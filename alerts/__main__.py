"""`python -m alerts`: watch topics, look after cases and letters."""

from alerts.cli.commands import main

if __name__ == "__main__":
    main(prog_name="python -m alerts")
