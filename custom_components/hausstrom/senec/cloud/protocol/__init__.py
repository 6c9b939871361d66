"""The services of SENEC's cloud: requests and answers, typed."""
