"""`scripts/release`: makes the files of a release twice, and checks that both builds give the same bytes."""
