"""The test of envparity on projects without `[tool.envparity]`, one for each of uv, Poetry, PDM, pipenv and pip-tools.

`envparity` without arguments must pass in each project, name the right lock and the right environment, and be quick.
Then the environment is damaged in many ways, and `envparity` without arguments must report each damage.
"""
