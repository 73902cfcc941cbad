"""How far a local server is from another side: the same lake and queries on both, compared and recorded."""
