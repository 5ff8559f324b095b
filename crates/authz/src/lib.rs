//! How AWS decides: concretely, with reasons, and over all requests
