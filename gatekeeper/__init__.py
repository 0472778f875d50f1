"""Gatekeeper judges the exact change that would be committed, pushed or merged."""

__version__ = "0.1.0"
