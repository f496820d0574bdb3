"""Judge environments: a module for each family of findings, with its rules, its check and its comparison."""
