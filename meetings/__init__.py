"""THE SCHEDULE: rules, providers, calendar, webhooks, reminders. Knows nothing of signaling."""
