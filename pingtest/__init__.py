"""Plays one role, dialer or listener, of a ping test that the harness unified-testing or test-plans starts."""
