"""A rover in real time: pacing, the radios' ground ends on TCP, the repetition of a logged session, and its clients."""
