"""A large cluster whose tasks change all the time, and a page of the console that is open on it."""
