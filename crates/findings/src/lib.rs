//! The types of findings, verdicts, witnesses, causes and inventory rows
