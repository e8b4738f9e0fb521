"""The shell shoppers and staff reach over HTTP: it parses, calls one verb, renders."""
