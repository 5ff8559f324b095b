//! JSON and YAML read into one tree with places, diagnostics, and the limits that input obeys
