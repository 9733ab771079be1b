"""Who is told and who acts: people and the desks they sit at."""
