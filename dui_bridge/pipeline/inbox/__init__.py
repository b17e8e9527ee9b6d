"""What comes for an usager: opened, checked, tied to a dossier, and handed to the DUI's inbox or to a person."""
