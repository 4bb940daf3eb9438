"""THE SOCKET AND WHAT PEOPLE SAY: engine, bus, log, rooms, chat, presence behind one dispatcher."""
