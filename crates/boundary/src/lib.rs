//! The boundary file, its obligations, verdicts, inventory and denied paths
