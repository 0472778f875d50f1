"""One way to show a run a file: the file name is the name of the reporter."""
