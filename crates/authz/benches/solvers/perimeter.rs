//! Whole boundaries as one question: service control policies, resource control policies, a bucket
//! policy, an endpoint policy and many identity policies, of which some control is mutated.

use std::collections::BTreeSet;

use cofferdam_authz::caller::{Caller, CallerKind, Crowd, Membership};
use cofferdam_authz::context::{Network, SessionTags, Situation, Target};
use cofferdam_authz::layers::{
    IdentitySide, LayerId, Layers, Level, Relation, ResourceForm, Sheet,
};
use cofferdam_authz::search::Search;
use cofferdam_authz::symbolic::{Hop, Query, Wanted};
use cofferdam_catalog::{Class, data_actions};
use cofferdam_logic::Formula;
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::kind::PolicyKind;
use serde_json::{Value, json};

use crate::draw::{self, Random, Taste};
use crate::families::{Asked, Family, Scale, policy, search, timed};

/// Everything that stands around one bucket.
struct Perimeter {
    service_control: Vec<NamedPolicy>,
    resource_control: Vec<NamedPolicy>,
    identity: Vec<NamedPolicy>,
    boundary: NamedPolicy,
    bucket: NamedPolicy,
}

fn wall(random: &mut Random, value: Value) -> Value {
    if random.chance(15) {
        draw::mutant(random, &value)
    } else {
        value
    }
}

fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn network_wall(principals: bool) -> Value {
    let mut statement = json!({
        "Effect": "Deny", "Action": ["s3:*", "kms:*", "sqs:*"], "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {"aws:SourceVpc": ["vpc-1", "vpc-2"]},
            "NotIpAddressIfExists": {"aws:SourceIp": ["198.51.100.0/24", "2001:db8::/32"]},
            "BoolIfExists": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
            "ArnNotLikeIfExists": {"aws:PrincipalArn": ["arn:aws:iam::*:role/aws:ec2-infrastructure", "arn:aws:iam::*:role/platform/*"]},
        },
    });
    if principals {
        statement["Principal"] = json!("*");
    }
    statement
}

fn perimeter(random: &mut Random, identities: usize) -> Perimeter {
    let full = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let regions = json!({"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "s3:ListAllMyBuckets"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}});
    let organization = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc", "aws:PrincipalAccount": ["999900000001"]},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}});
    let transport = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}});
    let grant = json!({"Effect": "Allow", "Principal": {"AWS": "222200000002"}, "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]});
    let own_wall = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::records/*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}});
    let mut made = |statements: Value, kind| {
        let value = wall(random, document(statements));
        policy(&value, kind)
    };
    let mut all = Perimeter {
        service_control: vec![
            policy(&document(json!([full])), PolicyKind::ServiceControl),
            made(json!([network_wall(false)]), PolicyKind::ServiceControl),
            made(json!([regions]), PolicyKind::ServiceControl),
        ],
        resource_control: vec![
            made(json!([organization]), PolicyKind::ResourceControl),
            made(
                json!([network_wall(true), transport]),
                PolicyKind::ResourceControl,
            ),
        ],
        identity: Vec::new(),
        boundary: made(
            json!([{"Effect": "Allow", "Action": ["s3:*", "kms:*", "sqs:*"], "Resource": "*"}]),
            PolicyKind::PermissionsBoundary,
        ),
        bucket: made(json!([grant, own_wall]), PolicyKind::Resource),
    };
    all.identity = (0..identities)
        .map(|_| {
            let mut value = draw::policy(random, PolicyKind::Identity, Taste::Mixed);
            permit(&mut value);
            policy(&value, PolicyKind::Identity)
        })
        .collect();
    all
}

/// Turns plain denials into permits: one of them among many policies would answer every question.
fn permit(policy: &mut Value) {
    for statement in policy["Statement"].as_array_mut().unwrap() {
        if statement.get("Condition").is_none() {
            statement["Effect"] = json!("Allow");
        }
    }
}

fn sheets(layer: LayerId, policies: &[NamedPolicy]) -> Vec<Sheet<'_>> {
    let sheet = |policy| Sheet {
        layer,
        target: "r-root",
        policy,
    };
    policies.iter().map(sheet).collect()
}

fn levels(layer: LayerId, policies: &[NamedPolicy]) -> Option<Known<Vec<Level<'_>>>> {
    Some(Known::Present(vec![Level {
        target: "r-root".into(),
        sheets: Known::Present(sheets(layer, policies)),
    }]))
}

fn member() -> Membership {
    Membership::Member {
        organization: "o-abc".into(),
        path: Known::Present(vec!["o-abc/r-root/ou-1/".into()]),
        management: Known::Present(false),
    }
}

fn layers<'p>(perimeter: &'p Perimeter, caller: &Caller) -> Layers<'p> {
    let sheet = |layer, policy| Sheet {
        layer,
        target: "arn:aws:s3:::records",
        policy,
    };
    let identity = if perimeter.identity.is_empty() {
        IdentitySide::Everything
    } else {
        let policies = sheets(LayerId::Identity, &perimeter.identity);
        IdentitySide::Policies(Known::Present(policies))
    };
    Layers {
        caller: caller.clone(),
        relation: Relation::Cross,
        service_control: levels(LayerId::ServiceControl, &perimeter.service_control),
        resource_control: levels(LayerId::ResourceControl, &perimeter.resource_control),
        identity,
        boundary: Known::Present(sheet(LayerId::PermissionsBoundary, &perimeter.boundary)),
        session: None,
        resource: Known::Present(sheet(LayerId::Resource, &perimeter.bucket)),
        form: ResourceForm::Ordinary,
        grants: Known::Absent,
        acl: Known::Absent,
        restrict_public: Known::Present(true),
        ignore_public_acls: Known::Present(true),
        endpoints: Vec::new(),
        reach: None,
        through: None,
    }
}

fn situation(caller: &Caller) -> Situation<'_> {
    Situation {
        caller,
        caller_tags: Known::Absent,
        unique_id: Known::Absent,
        session_tags: SessionTags::Open,
        resource: Target {
            account: "444400000004".parse().ok(),
            membership: member(),
            region: Known::Present("eu-west-1".into()),
            tags: Known::Absent,
        },
        service: "s3",
        network: Network::Public,
        forwarded_by: None,
        point: None,
        organization: Some("o-abc"),
        fixed: None,
    }
}

/// Whether a principal with these identity policies, whoever it is, reads, changes or lists records
/// from anywhere but an endpoint of the organization.
fn asked(perimeter: &Perimeter, quick: bool) -> Asked {
    let account = "222200000002".parse().unwrap();
    let caller = Caller {
        kind: CallerKind::Anyone(Crowd::Within(vec![account])),
        account: Some(account),
        membership: member(),
    };
    let layers = layers(perimeter, &caller);
    let classes = [Class::Read, Class::Write, Class::Delete, Class::List];
    let actions = classes.iter().flat_map(|class| data_actions("s3", *class));
    let names = actions.map(|action| format!("s3:{}", action.name()));
    let names: BTreeSet<String> = names.collect();
    let actions: Vec<ActionName> = names
        .iter()
        .map(|name| ActionName::parse(name).unwrap())
        .collect();
    let make = || {
        let mut query = Query::new();
        let hop = query.hop(Hop {
            situation: situation(&caller),
            networks: vec![Network::Public, Network::ForeignEndpoint, Network::Aws],
            actions: actions.clone(),
            wanted: Wanted::Under("arn:aws:s3:::records/".to_owned()),
            session: 0,
            given: Vec::new(),
        });
        let decided = query.decide(hop, &layers);
        let goal = query.goal(&[decided.allowed]);
        (query, goal)
    };
    let micros = timed(quick, || {
        let (query, goal) = make();
        Search::new(&query, goal).find();
    });
    let (mut query, goal) = make();
    let mut deployed: Vec<Formula> = query.selectors().map(|(_, formula)| formula).collect();
    deployed.push(goal.may);
    let whole = query.problem.all(&deployed);
    Asked {
        searches: vec![search(&query.problem, whole)],
        micros,
        shown: query.problem.display(whole),
    }
}

/// Boundaries with this many identity policies; with none, the identity side allows everything.
pub fn family(name: &'static str, scale: Scale, identities: usize) -> Family {
    let mut random = Random::new(90 + identities as u64);
    Family {
        name,
        asked: (0..scale.each.div_ceil(3))
            .map(|_| asked(&perimeter(&mut random, identities), scale.quick))
            .collect(),
    }
}
