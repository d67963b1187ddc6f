"""What authors' own files say: native formats, read strictly enough to be recomputed by everybody."""
