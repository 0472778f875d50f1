"""Frozen records and enums that every floor shares; imports nothing of ours."""
