"""One case as the person who deals with it sees it: what is theirs to do, what was found, what became of letters."""
