//! The whole gateway inside a test: builders, a scripted Gemini behind it.
