"""`python -m nlp`: the scoring stage, a look at single texts, and how the model is made."""

from nlp.cli.commands import main

if __name__ == "__main__":
    main(prog_name="python -m nlp")
