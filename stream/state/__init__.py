"""The state database: cursors, source health, cases, outbox, leases, tombstones, labels."""
