"""Stories that cross rooms, a file each."""
