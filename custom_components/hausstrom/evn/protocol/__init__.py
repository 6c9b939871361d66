"""The smart meter's protocol: bytes in, typed values out."""
