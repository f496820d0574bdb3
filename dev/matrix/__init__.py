"""Many ping tests as processes of the tracks' environments: planned, run, shown."""
