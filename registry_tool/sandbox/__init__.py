"""Running what others wrote, confined."""
