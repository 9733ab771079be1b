"""`python -m crawlers`: crawl a source, run all by their cron lines, hand in a file, show how the sources do."""

from crawlers.cli.commands import main

if __name__ == "__main__":
    main(prog_name="python -m crawlers")
