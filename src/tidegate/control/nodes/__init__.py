"""The server side of the fleet: sessions with agents, balancers and host supervisors."""
