"""Evidence for other people: statements about reports, which somebody can sign and check without repeating the run."""
