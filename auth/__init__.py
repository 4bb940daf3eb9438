"""WHO IS CALLING: identity, tokens, JWKS, the permission table, revocation."""
