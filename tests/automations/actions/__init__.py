"""Tests of the kinds of action."""
