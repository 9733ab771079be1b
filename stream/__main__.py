"""`python -m stream`: the index stage, upkeep, and a look at everything."""

from stream.cli.commands import main

if __name__ == "__main__":
    main(prog_name="python -m stream")
