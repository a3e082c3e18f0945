"""The manifold page's own state and work: choices, jobs, and what they have found."""
