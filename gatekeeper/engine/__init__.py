"""What carries a run from its plan to its report, without touching the outside."""
