"""Who is here, and who is typing; nothing of it is stored."""
