"""The front of the program: the app factory, error answers, the live feed, the desk's files."""
