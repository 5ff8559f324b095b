//! Dated facts about AWS that no organization changes.
//!
//! What AWS's services can be asked, which of it touches data, which condition keys a request has,
//! what its policies cover, what it records, how large a policy may be: all of it changes without
//! notice, so all of it is data. Every table lies in `data/`, one fact a row, with its date, its
//! source and how to renew it; [`tables()`] lists them, and a verdict that rests on one can say so.
//!
//! Nothing is parsed at start: a lookup is a binary search over the text in the binary, so asking
//! for nothing costs nothing. Names are found whatever their case and given back in AWS's spelling.
//! A function that returns `None` does not know; where AWS's answer is "no", the type says no.

mod actions;
mod calls;
mod commands;
mod data_actions;
mod forwarding;
mod grammar;
mod keys;
mod managed;
mod quotas;
mod reach;
mod recording;
mod rows;
mod services;
mod tables;
mod words;

pub use actions::{
    Access, Action, ResourceUse, action, actions, actions_of, resource_type_arn,
    resource_type_keys, resource_types_of, service_name, services,
};
pub use calls::{
    EventResource, Need, action_of_event, event_resources, is_call, needs, variant_of_event,
};
pub use commands::{arn_variable, command};
pub use data_actions::{
    Class, DataAction, KeyCheck, Review, all_data_actions, data_action, data_actions, data_stores,
    review,
};
pub use forwarding::{Forward, all_forwards, forwarded_from, forwards};
pub use grammar::{Element, Grammar, grammar};
pub use keys::{Key, KeyOrigin, KeyType, Presence, global_keys, key};
pub use managed::{ManagedPolicy, managed_policies, managed_policy};
pub use quotas::{Quota, ResourcePolicy, quota, quotas, resource_policy};
pub use reach::{PolicyReach, policy_reach};
pub use recording::{EventCategory, Recording, network_activity, recording};
pub use services::{
    ENDPOINT_OWNER, EndpointSupport, Partition, ServiceOwned, ServicePrincipal, endpoint_support,
    is_service_principal, partition, partition_of_region, rcp_covers, rcp_disagreement,
    rcp_services, sends_endpoint_key, sends_endpoint_key_for, service_owned, service_principal,
    service_principals, services_sending,
};
pub use tables::{Table, as_of, table, tables};
