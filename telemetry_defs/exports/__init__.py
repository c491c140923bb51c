"""The dictionary written for other readers: Markdown for people, JSON for scripts, XTCE for mission control systems."""
