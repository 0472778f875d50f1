"""The one exception that every reader of a report raises when the report says nothing that can be trusted."""

from __future__ import annotations


class UnreadableReport(ValueError):
    """A report that is empty, cut off, of another format, at odds with itself, or unsafe to parse."""
