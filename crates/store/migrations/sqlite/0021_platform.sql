-- Which of Google's APIs a key is for; none: the Gemini API.
ALTER TABLE api_keys ADD COLUMN platform TEXT;
