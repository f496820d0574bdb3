"""Makes and checks statements about reports. Somebody signs a statement, and other people can then trust the report."""
