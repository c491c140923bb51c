"""The timeline (PUS 11): telecommands that wait on board for their time."""
