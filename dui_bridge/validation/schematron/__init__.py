"""ISO Schematron (query binding xslt2) compiled to XSLT 3 and run by SaxonC-HE, fast and without a hit lost.

`reading` makes a `Schema` of a file and its includes, `stylesheet` writes the XSLT, `engine` runs it. Written from
ISO/IEC 19757-3; what it does beyond the standard is to visit only the nodes that a rule can match (`contexts`), to read
value sets once per process (`documents`), and to evaluate again, assertion by assertion, the rules that raised.
"""
