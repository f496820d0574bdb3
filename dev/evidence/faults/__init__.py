"""Examples of all findings: each makes a small real environment, and changes it so that envparity reports the finding.

A fault is a change that commands can repair. The page of findings shows an example of each code, recorded from these
environments. The tests run the commands of each repair, and then check the environment again.
"""
