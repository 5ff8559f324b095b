//! The root, two levels of units, and the policies attached to them.

use std::io;

use serde_json::{Value, json};

use super::{MANAGEMENT, ORGANIZATION, Place, Shape, Snapshot, document, id, statement};

const ROOT: &str = "r-larg";
/// Units below the root, each with `SUBUNITS` of its own.
const UNITS: u64 = 4;
const SUBUNITS: u64 = 3;

/// Writes what the management account answers.
pub(super) fn write(snapshot: &mut Snapshot<'_>, shape: &Shape) -> io::Result<()> {
    let place = Place::global(MANAGEMENT);
    let organization = json!({"Organization": {
        "Id": ORGANIZATION, "MasterAccountId": id(MANAGEMENT), "FeatureSet": "ALL",
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:organization/{ORGANIZATION}"),
    }});
    snapshot.answer(&place, "organizations.describe-organization", &organization)?;
    let types = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
        .map(|kind| json!({"Type": kind, "Status": "ENABLED"}));
    let roots = json!({"Roots": [{"Id": ROOT, "Name": "Root", "PolicyTypes": types}]});
    snapshot.answer(&place, "organizations.list-roots", &roots)?;
    delegates(snapshot, &place)?;
    units(snapshot, &place)?;
    accounts(snapshot, &place, shape)?;
    policies(snapshot, &place, shape)
}

/// Nobody administers anything for the organization.
fn delegates(snapshot: &mut Snapshot<'_>, place: &Place) -> io::Result<()> {
    let nobody = json!({"DelegatedAdministrators": []});
    snapshot.answer(
        place,
        "organizations.list-delegated-administrators",
        &nobody,
    )?;
    let error =
        json!({"code": "ResourcePolicyNotFoundException", "message": "No resource policy exists."});
    let none = json!({"request": {}, "error": error});
    snapshot.calls(place, "organizations.describe-resource-policy", &[none])
}

fn unit(index: u64) -> String {
    format!("ou-larg-0000000{index}")
}

fn subunit(index: u64, below: u64) -> String {
    format!("ou-larg-00000{}{below}0", index + 1)
}

fn units(snapshot: &mut Snapshot<'_>, place: &Place) -> io::Result<()> {
    let listed = |ids: Vec<String>| {
        let units = ids.into_iter().map(|id| json!({"Id": id, "Name": id}));
        json!({"OrganizationalUnits": units.collect::<Vec<_>>()})
    };
    let call = |parent: String, ids: Vec<String>| json!({"request": {"ParentId": parent}, "response": listed(ids)});
    let mut calls = vec![call(ROOT.to_owned(), (0..UNITS).map(unit).collect())];
    for index in 0..UNITS {
        let below: Vec<String> = (0..SUBUNITS).map(|below| subunit(index, below)).collect();
        calls.extend(below.iter().map(|id| call(id.clone(), Vec::new())));
        calls.push(call(unit(index), below));
    }
    snapshot.calls(
        place,
        "organizations.list-organizational-units-for-parent",
        &calls,
    )
}

fn parent_of(index: u64) -> String {
    match index {
        0 => ROOT.to_owned(),
        _ => subunit(index % UNITS, index / UNITS % SUBUNITS),
    }
}

fn account(shape: &Shape, index: u64) -> Value {
    let id = id(shape.account(index));
    json!({
        "Id": id, "Name": format!("account-{index}"), "Status": "ACTIVE", "State": "ACTIVE",
        "Email": format!("aws+{index}@large.example"),
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:account/{ORGANIZATION}/{id}"),
    })
}

fn accounts(snapshot: &mut Snapshot<'_>, place: &Place, shape: &Shape) -> io::Result<()> {
    let all: Vec<Value> = (0..shape.accounts)
        .map(|index| account(shape, index))
        .collect();
    let listed = json!({"Accounts": all});
    snapshot.answer(place, "organizations.list-accounts", &listed)?;
    let units = (0..UNITS).flat_map(|index| {
        let below = (0..SUBUNITS).map(move |below| subunit(index, below));
        below.chain([unit(index)])
    });
    let calls: Vec<Value> = [ROOT.to_owned()]
        .into_iter()
        .chain(units)
        .map(|parent| {
            let children = (0..shape.accounts).filter(|index| parent_of(*index) == parent);
            let children: Vec<Value> = children.map(|index| account(shape, index)).collect();
            json!({"request": {"ParentId": parent}, "response": {"Accounts": children}})
        })
        .collect();
    snapshot.calls(place, "organizations.list-accounts-for-parent", &calls)?;
    let tags: Vec<Value> = (0..shape.accounts)
        .map(|index| {
            json!({"request": {"ResourceId": id(shape.account(index))}, "response": {"Tags": []}})
        })
        .collect();
    snapshot.calls(place, "organizations.list-tags-for-resource", &tags)
}

/// A policy with its type and where it is attached.
struct Attached {
    id: &'static str,
    kind: &'static str,
    document: Value,
    targets: Vec<String>,
}

const SERVICE: &str = "SERVICE_CONTROL_POLICY";
const RESOURCE: &str = "RESOURCE_CONTROL_POLICY";

fn attached(shape: &Shape) -> Vec<Attached> {
    let everything = document(&[statement("Allow", json!("*"), json!("*"))]);
    let units = (0..UNITS).map(unit);
    let subunits =
        (0..UNITS).flat_map(|index| (0..SUBUNITS).map(move |below| subunit(index, below)));
    let accounts = (0..shape.accounts).map(|index| id(shape.account(index)));
    let everywhere = [ROOT.to_owned()]
        .into_iter()
        .chain(units)
        .chain(subunits)
        .chain(accounts);
    let policy = |id, kind, document, targets| Attached {
        id,
        kind,
        document,
        targets,
    };
    vec![
        policy("p-FullAWSAccess", SERVICE, everything, everywhere.collect()),
        policy("p-guard000", SERVICE, guard(shape), vec![ROOT.to_owned()]),
        policy(
            "p-regions0",
            SERVICE,
            regions(),
            (0..UNITS).map(unit).collect(),
        ),
        policy("p-sandbox0", SERVICE, sandbox(), vec![subunit(0, 0)]),
        policy(
            "p-perimete",
            RESOURCE,
            perimeter(shape),
            vec![ROOT.to_owned()],
        ),
    ]
}

fn policies(snapshot: &mut Snapshot<'_>, place: &Place, shape: &Shape) -> io::Result<()> {
    let all = attached(shape);
    let summary = |policy: &Attached| json!({"Id": policy.id, "Name": policy.id, "Type": policy.kind, "AwsManaged": false});
    let listed = [SERVICE, RESOURCE].map(|kind| {
        let of_kind = all.iter().filter(|policy| policy.kind == kind);
        let of_kind: Vec<Value> = of_kind.map(summary).collect();
        json!({"request": {"Filter": kind}, "response": {"Policies": of_kind}})
    });
    snapshot.calls(place, "organizations.list-policies", &listed)?;
    let described: Vec<Value> = all
        .iter()
        .map(|policy| {
            let content = policy.document.to_string();
            let answer = json!({"Policy": {"PolicySummary": summary(policy), "Content": content}});
            json!({"request": {"PolicyId": policy.id}, "response": answer})
        })
        .collect();
    snapshot.calls(place, "organizations.describe-policy", &described)?;
    let targets: Vec<Value> = all
        .iter()
        .map(|policy| {
            let targets = policy.targets.iter().map(|id| json!({"TargetId": id}));
            let answer = json!({"Targets": targets.collect::<Vec<_>>()});
            json!({"request": {"PolicyId": policy.id}, "response": answer})
        })
        .collect();
    snapshot.calls(place, "organizations.list-targets-for-policy", &targets)
}

/// Nobody stops the trail or leaves; where datasets are declared, root users do nothing.
fn guard(shape: &Shape) -> Value {
    let trails = [
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
    ];
    let stop = json!({
        "Effect": "Deny", "Action": trails, "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform/*"}},
    });
    let leave = statement("Deny", json!("organizations:LeaveOrganization"), json!("*"));
    let mut statements = vec![leave, stop];
    if shape.datasets > 0 {
        let root = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}});
        statements
            .push(json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": root}));
    }
    document(&statements)
}

fn regions() -> Value {
    document(&[json!({
        "Effect": "Deny", "Resource": "*",
        "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*", "s3:ListAllMyBuckets"],
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
    })])
}

fn sandbox() -> Value {
    let actions = json!(["ec2:CreateVpcPeeringConnection", "ram:*", "directconnect:*"]);
    document(&[statement("Deny", actions, json!("*"))])
}

/// The organization's own principals only; where datasets are declared, not through the endpoints
/// of others either.
fn perimeter(shape: &Shape) -> Value {
    let deny = |condition: Value| {
        json!({
            "Effect": "Deny", "Principal": "*", "Resource": "*",
            "Action": ["s3:*", "kms:*", "secretsmanager:*", "sqs:*"], "Condition": condition,
        })
    };
    let mut statements = vec![deny(json!({
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }))];
    if shape.datasets > 0 {
        statements.push(deny(json!({
            "Null": {"aws:SourceVpce": "false"},
            "StringNotEqualsIfExists": {"aws:VpceOrgID": ORGANIZATION},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
        })));
        // AWS does not say what CloudTrail records of these.
        statements.push(json!({
            "Effect": "Deny", "Principal": "*", "Resource": "*",
            "Action": ["s3:*Annotation*", "s3:Replicate*"],
        }));
    }
    document(&statements)
}
