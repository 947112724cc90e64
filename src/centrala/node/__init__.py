"""The composition root: settings, start and stop of the processes, backup, the machine's health."""
