"""Walk sites as a good guest, turn pages into posts."""
