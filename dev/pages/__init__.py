"""The pages of docs/ that are made from code: what each command's --help says, what is found, what is not possible."""
