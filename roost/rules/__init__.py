"""Rules that several stages and the API share: visibility, withdrawal, notices. Pure."""
