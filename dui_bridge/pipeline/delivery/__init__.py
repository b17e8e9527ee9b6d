"""From a recorded version to its destinations: planned, allowed, sent once, and told what became of it.

`deliver.deliver` does it all; `plan.plan` asks policy only; `worker.Worker` sends to one destination.
"""
