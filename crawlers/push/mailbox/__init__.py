"""What people write to a mailbox of the organisation's."""
