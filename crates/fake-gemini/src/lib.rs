//! A simulated Gemini API: real wire shapes, scripted faults, true quotas.
