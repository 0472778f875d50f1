"""One gate a file: the file name is the name of the gate. A gate plans and judges; both are pure."""
