"""Programs that run as jobs in a process of their own, under the interpreter of Gatekeeper."""
