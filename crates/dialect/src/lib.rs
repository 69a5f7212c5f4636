//! The protocols that clients speak, and their translation to and from Gemini.
