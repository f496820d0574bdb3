"""Examples of all findings: each makes a small real environment, and changes it so that envparity reports the finding.

A fault is a change that commands can fix, and a situation is a change that no command fixes. docs/reference/findings.md
shows an example of each finding, recorded from these environments. The tests run the commands of each fix, and then
check the environment again.
"""
