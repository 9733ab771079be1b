"""The demo: a forum of its own, a scripted rumour, and the production pipeline in between."""
