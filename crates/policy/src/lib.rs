//! The policy language and what one statement means
