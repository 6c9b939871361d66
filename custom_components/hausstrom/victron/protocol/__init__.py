"""The protocol of a GX: topics and payloads in, typed values out."""
