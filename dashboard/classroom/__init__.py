"""How a class uses the pages: lesson and step, hidden parts, projector. Imports lessons and session."""
