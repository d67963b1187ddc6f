"""Reports as people read them: typical submissions, and what in a report must never come to life."""
