//! Facts that are present, absent or unknown, and the organization built from them
