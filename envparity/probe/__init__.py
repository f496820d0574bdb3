"""The probe, in sections: what looks at an environment, with the standard library of any Python from 3.8 on."""
