"""The doers: each turns a job into an outcome and has no opinion."""
