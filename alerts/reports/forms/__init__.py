"""The forms of a report: docx as offices file it, one HTML file, text for a screen."""
