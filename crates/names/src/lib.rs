//! ARNs, accounts, organizations, actions and condition key names: parsing, order, display
