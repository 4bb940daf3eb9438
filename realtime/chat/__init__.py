"""Messages, edits, deletions, reactions, read markers, search."""
