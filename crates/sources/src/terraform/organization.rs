//! What a resource of a whole organization lists: its root, its accounts, its policy types.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::Node;

use super::facts::Reading;
use crate::sink::{list, truth};

/// Takes in root and accounts, as far as they are known; a new organization has a root and one
/// account.
pub(super) fn read(reading: &mut Reading, at: usize, _: &Entity) {
    let Some(instance) = reading.resolver.plan.instance(at) else {
        return;
    };
    let values = &instance.values;
    for root in values.get("roots").map(Node::items).unwrap_or_default() {
        let Some(id) = root.get("id").and_then(Node::text) else {
            continue;
        };
        let entity = Entity::new(Kind::Unit, id);
        let sink = &mut *reading.sink;
        sink.present(&entity, Attribute::Exists, truth(root.origin));
        sink.put(&entity, Attribute::Name, root.get("name"));
        sink.absent(&entity, Attribute::Parent);
        if let Some(types) = values
            .get("enabled_policy_types")
            .filter(|node| node.as_array().is_some())
        {
            sink.present(
                &entity,
                Attribute::PolicyTypes,
                list(types.items().to_vec(), types.origin),
            );
        }
    }
    for account in values.get("accounts").map(Node::items).unwrap_or_default() {
        let Some(id) = account.get("id").and_then(Node::text) else {
            continue;
        };
        let entity = Entity::new(Kind::Account, id);
        let sink = &mut *reading.sink;
        sink.present(&entity, Attribute::Exists, truth(account.origin));
        sink.put(&entity, Attribute::Name, account.get("name"));
        sink.put(&entity, Attribute::Status, account.get("status"));
    }
}
