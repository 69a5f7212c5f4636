-- What an administrator wants to remember of a client token, and the address that it was used from last.
ALTER TABLE client_tokens ADD COLUMN note TEXT;
ALTER TABLE client_tokens ADD COLUMN last_used_from VARCHAR(190);
