//! Files into facts
