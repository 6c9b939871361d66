"""Attacks on the running product: what each must not achieve."""
