"""Peak shaving that plans itself: forecast, load, battery and limit in, a plan out. Pure."""
