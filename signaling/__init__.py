"""CALLS: negotiation, ICE servers, topology, call state. Knows neither Socket.IO nor meetings."""
