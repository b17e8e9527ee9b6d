"""What the third invented vendor's sample is made from; see `samples/generate_passerelle.py`."""
