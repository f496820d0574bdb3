"""Evidence that travels: statements about reports, which others can sign and check without repeating the run."""
