"""What every room stands on: database, outbox, clock, ids, errors, settings types, logging."""
