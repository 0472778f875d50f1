"""Tests of what reads and writes foreign text."""
