"""Small state-based stand-ins, one idea a file: they speak physics ("the switch is stuck"), not call lists."""
