"""The protocol of a SmartLog: reports in, readings out."""
