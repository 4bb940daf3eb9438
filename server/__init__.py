"""COMPOSITION: settings, the composition root, the aiohttp application, the command line, health, metrics, logs."""
