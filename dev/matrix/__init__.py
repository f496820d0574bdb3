"""Run many ping tests, each as two processes of the tracks' environments or of peers: plan, run, report."""
