//! Dated facts about AWS that no organization changes
