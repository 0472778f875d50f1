"""The only modules that touch the outside: Git, processes, files, the store."""
