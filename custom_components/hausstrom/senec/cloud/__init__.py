"""SENEC systems as the account sees them: sign-in, the app's services, mein-senec.de."""
