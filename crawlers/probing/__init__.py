"""What a site runs and offers, before anybody reads it: asked politely, in ten requests at most."""
