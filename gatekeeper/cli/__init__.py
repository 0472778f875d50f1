"""One command a file: reads arguments and sets the exit code."""
