"""What several connectors share: strict JSON, objects as rows, the folder of an export, a temporary store;
for the national services TLS, HTTP, SOAP, MTOM, the VIHF and captures.
"""
