"""SENEC.Connect: requests and answers, typed."""
