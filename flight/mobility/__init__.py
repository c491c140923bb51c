"""How the rover moves: one idea a file, put together by `flight.subsystems.mobility`."""
