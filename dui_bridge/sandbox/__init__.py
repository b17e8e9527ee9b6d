"""Local stand-ins of the services that the bridge talks to, with their failures. They import no client of ours."""
