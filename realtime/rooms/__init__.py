"""Rooms and who belongs to them."""
