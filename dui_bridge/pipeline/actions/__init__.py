"""What operators do: each action checks, does it through the journal, lets policy look again, and is audited."""
