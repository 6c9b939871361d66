"""Tests of the repository itself: the rules of hassfest, of HACS, and of this house."""
