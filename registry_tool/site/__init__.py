"""The gallery: frozen page models rendered by strict, escaped templates."""
