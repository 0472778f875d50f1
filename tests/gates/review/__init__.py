"""Tests of the review gate."""
