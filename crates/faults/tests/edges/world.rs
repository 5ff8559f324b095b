//! The small organization in which an edge is tried: a caller with just what the edge needs, and one
//! thing of the kind that the edge is about.

use std::fmt::Write;

use cofferdam_faults::catalogue::{Edge, Gain, Guard, On, Operand};
use cofferdam_org::fact::Kind;

/// A policy of AWS that denies everything.
const DENYING: &str = "arn:aws:iam::aws:policy/AWSDenyAll";

pub const MANAGEMENT: &str = "100000000001";
pub const MEMBER: &str = "200000000002";
pub const ORGANIZATION: &str = "o-acme1a2b3c";
pub const OTHER: &str = "200000000003";

/// One change that should take the edge away, or leave it as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Just what the edge needs.
    Whole,
    /// Without the grant of this need.
    Without(usize),
    /// A service control policy denies this need.
    Guardrail(usize),
    /// A permissions boundary leaves this need out.
    Boundary(usize),
    /// The role trusts another service, or another account.
    TrustsAnother,
    /// The caller is of another kind of account.
    Moved,
    /// The bound thing is of another account, whose policy admits everything.
    Foreign,
    /// The fact that a guard on the bound thing asks for is otherwise.
    Otherwise,
    /// Nothing carries the bound role, and everything was listed.
    Uncarried,
    /// Nothing is told of what may carry roles.
    Unlisted,
    /// The caller is of a member account that administers the service.
    Delegated,
    /// The caller is of a member account that administers another service.
    DelegatedOther,
    /// The caller is of a member account, and who administers what is not told.
    DelegatesUntold,
    /// What carries the bound role is another one than the grants name.
    CarriedElsewhere,
}

/// Builds the fixture of one edge.
pub struct World<'e> {
    pub edge: &'e Edge,
    pub variant: Variant,
}

impl World<'_> {
    fn is(&self, variant: &Variant) -> bool {
        self.variant == *variant
    }

    fn guarded(&self, test: impl Fn(&Guard) -> bool) -> bool {
        self.edge.guards.iter().any(test)
    }

    /// The caller's account.
    pub fn account(&self) -> &'static str {
        let managed = self.guarded(|guard| matches!(guard, Guard::Management | Guard::Delegate(_)));
        let moved = matches!(
            self.variant,
            Variant::Moved
                | Variant::Delegated
                | Variant::DelegatedOther
                | Variant::DelegatesUntold
        );
        match managed != moved {
            true => MANAGEMENT,
            false => MEMBER,
        }
    }

    pub fn caller(&self) -> String {
        format!("arn:aws:iam::{}:role/caller", self.account())
    }

    /// The account of the bound thing.
    fn place(&self) -> &'static str {
        let central = matches!(self.edge.on, On::PermissionSet);
        match self.variant {
            Variant::Foreign => OTHER,
            _ if central => MANAGEMENT,
            _ => self.account(),
        }
    }

    fn service_linked(&self) -> bool {
        self.is(&Variant::Otherwise) && self.guarded(|guard| *guard == Guard::NotServiceLinked)
    }

    /// How policies name the bound thing.
    fn target(&self) -> String {
        let account = self.place();
        let path = match self.service_linked() {
            true => "aws-service-role/x.amazonaws.com/",
            false => "",
        };
        match &self.edge.on {
            On::Role => format!("arn:aws:iam::{account}:role/{path}target"),
            On::User => format!("arn:aws:iam::{account}:user/target"),
            On::Policy => format!("arn:aws:iam::{account}:policy/target"),
            On::Bucket => "arn:aws:s3:::target-bucket".to_owned(),
            On::Key => format!("arn:aws:kms:eu-west-1:{account}:key/1111"),
            On::Trail => format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/target"),
            On::Endpoint => format!("arn:aws:ec2:eu-west-1:{account}:vpc-endpoint/vpce-0a"),
            On::Table => format!("arn:aws:dynamodb:eu-west-1:{account}:table/target"),
            On::Queue => format!("arn:aws:sqs:eu-west-1:{account}:target"),
            On::Topic => format!("arn:aws:sns:eu-west-1:{account}:target"),
            On::Secret => {
                format!("arn:aws:secretsmanager:eu-west-1:{account}:secret:target-AbCdEf")
            }
            On::Function => format!("arn:aws:lambda:eu-west-1:{account}:function:target"),
            On::Repository => format!("arn:aws:ecr:eu-west-1:{account}:repository/target"),
            On::Provider => format!("arn:aws:iam::{account}:saml-provider/target"),
            On::PermissionSet => "arn:aws:sso:::permissionSet/ssoins-1/ps-1".to_owned(),
            On::Account => {
                format!("arn:aws:organizations::{MANAGEMENT}:account/o-acme1a2b3c/{OTHER}")
            }
            _ => "*".to_owned(),
        }
    }

    /// The resource of a grant: just the operand, where it has a name.
    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Target | Operand::Passed(_) => self.target(),
            Operand::Objects => format!("{}/*", self.target()),
            Operand::Itself => self.caller(),
            Operand::Carrier => {
                let asked = self.asked_for().into_iter().next();
                asked.map_or("*".to_owned(), |kind| self.carrier(kind, "it"))
            }
            Operand::New | Operand::Any | Operand::Policy => "*".to_owned(),
        }
    }

    /// The service that the caller's account administers.
    fn administered(&self) -> Option<&str> {
        let asked = self.edge.guards.iter().find_map(|guard| match guard {
            Guard::Delegate(service) => Some(service.as_str()),
            _ => None,
        });
        match (&self.variant, asked) {
            (Variant::Delegated, asked) => asked,
            (Variant::DelegatedOther, Some("sso.amazonaws.com")) => Some("fms.amazonaws.com"),
            (Variant::DelegatedOther, _) => Some("sso.amazonaws.com"),
            _ => None,
        }
    }

    /// The policy by which members administer AWS Organizations itself.
    fn delegation(&self) -> String {
        match self.administered() {
            Some("organizations") => format!(
                r#", policy: [{{Effect: Allow, Principal: {{AWS: "{MEMBER}"}}, Action: "organizations:*", Resource: "*"}}]"#
            ),
            _ => String::new(),
        }
    }

    fn delegates(&self) -> String {
        match self.administered() {
            _ if self.is(&Variant::DelegatesUntold) => format!(
                "unlisted: [delegate]\nunknown: [\"organization {ORGANIZATION} ResourcePolicy\"]\n"
            ),
            None | Some("organizations") => String::new(),
            Some(service) => {
                format!("delegates: {{\"{MEMBER}\": {{services: [{service}]}}}}\n")
            }
        }
    }

    /// The kinds that guards ask for, of which the first is named by grants.
    pub fn asked_for(&self) -> Vec<Kind> {
        let guards = self.edge.guards.iter();
        let kinds = guards.filter_map(|guard| match guard {
            Guard::CarriedBy(kind) | Guard::ThereIs(kind) => Some(*kind),
            _ => None,
        });
        kinds.collect()
    }

    fn carrier(&self, kind: Kind, name: &str) -> String {
        let account = self.account();
        let (service, resource) = match kind {
            Kind::Function => ("lambda", "function:"),
            Kind::Instance | Kind::ManagedNode => ("ec2", "instance/"),
            Kind::TaskDefinition => ("ecs", "task-definition/"),
            Kind::Cluster => ("ecs", "cluster/"),
            _ => return format!("arn:aws:iam::{account}:instance-profile/{name}"),
        };
        format!("arn:aws:{service}:eu-west-1:{account}:{resource}{name}")
    }

    /// What carries the bound role, and a profile for an instance.
    fn carriers(&self) -> String {
        let mut kinds = self.asked_for();
        let (function, profile) = (Kind::Function, Kind::InstanceProfile);
        if kinds.contains(&Kind::Instance) && !kinds.contains(&profile) {
            kinds.push(profile);
        }
        let name = match self.variant {
            Variant::Uncarried => return String::new(),
            Variant::Unlisted => {
                let words = [
                    "function",
                    "instance",
                    "instance-profile",
                    "managed-node",
                    "task-definition",
                    "cluster",
                ];
                return format!("unlisted: [{}]\n", words.join(", "));
            }
            Variant::CarriedElsewhere => "other",
            _ => "it",
        };
        let roles = format!("{{roles: [\"{}\"]}}", self.target());
        let mut text = String::new();
        for kind in kinds {
            let arn = self.carrier(kind, name);
            let section = match kind {
                Kind::Instance => {
                    let with = self.carrier(profile, name);
                    format!("instances: {{\"{arn}\": {{profile: \"{with}\"}}}}\n")
                }
                Kind::ManagedNode => format!("managed-nodes: {{\"{arn}\": {{}}}}\n"),
                Kind::Cluster => format!("clusters: {{\"{arn}\": {{}}}}\n"),
                Kind::TaskDefinition => format!("task-definitions: {{\"{arn}\": {roles}}}\n"),
                kind if kind == function => format!("functions: {{\"{arn}\": {roles}}}\n"),
                _ => format!("instance-profiles: {{\"{arn}\": {roles}}}\n"),
            };
            text += &section;
        }
        text
    }

    fn grants(&self) -> String {
        let needs = self.edge.needs.iter().enumerate();
        let granted = needs.filter(|(place, _)| !self.is(&Variant::Without(*place)));
        let statements: Vec<String> = granted
            .map(|(_, need)| {
                let condition = self.forced(need.action.name());
                format!(
                    r#"{{Effect: Allow, Action: "{}", Resource: "{}"{condition}}}"#,
                    need.action,
                    self.operand(&need.operand)
                )
            })
            .collect();
        match statements.is_empty() {
            true => r#"{Effect: Allow, Action: "a4b:GetRoom", Resource: "*"}"#.to_owned(),
            false => statements.join(", "),
        }
    }

    /// A boundary that creation has to name.
    fn forced(&self, action: &str) -> &'static str {
        let forced = self.is(&Variant::Otherwise)
            && self.guarded(|guard| *guard == Guard::NoBoundaryForced)
            && matches!(action, "CreateRole" | "CreateUser");
        match forced {
            true => {
                r#", Condition: {StringEquals: {"iam:PermissionsBoundary": "arn:aws:iam::200000000002:policy/fence"}}"#
            }
            false => "",
        }
    }

    fn trust(&self) -> String {
        let host = self.edge.guards.iter().find_map(|guard| match guard {
            Guard::Trusts(host) => Some(host.as_str()),
            _ => None,
        });
        let another = self.is(&Variant::TrustsAnother);
        let caller = self.guarded(|guard| *guard == Guard::TrustsCaller);
        let admitted = match (host, caller) {
            (Some(_), _) if another => "Service: macie.amazonaws.com".to_owned(),
            (Some(host), _) => format!("Service: {host}"),
            (None, true) if another => format!(r#"AWS: "{OTHER}""#),
            (None, true) => format!(r#"AWS: "{}""#, self.account()),
            (None, false) => "Service: macie.amazonaws.com".to_owned(),
        };
        let actions = r#"["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]"#;
        format!("[{{Effect: Allow, Principal: {{{admitted}}}, Action: {actions}}}]")
    }

    /// A resource policy by which the owner's account, or the foreign caller, may do everything.
    fn own_policy(&self) -> String {
        let resource = match self.edge.on {
            On::Repository => String::new(),
            On::Bucket => {
                r#", Resource: ["arn:aws:s3:::target-bucket", "arn:aws:s3:::target-bucket/*"]"#
                    .to_owned()
            }
            _ => r#", Resource: "*""#.to_owned(),
        };
        let service = match self.edge.on {
            On::Key => "kms",
            On::Bucket => "s3",
            On::Table => "dynamodb",
            On::Queue => "sqs",
            On::Topic => "sns",
            On::Secret => "secretsmanager",
            On::Function => "lambda",
            _ => "ecr",
        };
        let account = self.account();
        format!(
            r#"policy: [{{Effect: Allow, Principal: {{AWS: "{account}"}}, Action: "{service}:*"{resource}}}]"#
        )
    }

    fn thing(&self) -> String {
        let account = self.place();
        let target = self.target();
        let foreign = self.is(&Variant::Foreign) || self.edge.on == On::Key;
        let policy = match foreign {
            true => format!(", {}", self.own_policy()),
            false => String::new(),
        };
        let by_arn = |section: &str| {
            format!(
                "{section}: {{\"{target}\": {{{}}}}}\n",
                policy.trim_start_matches(", ")
            )
        };
        match &self.edge.on {
            On::User if self.of_group() => format!(
                "users: {{{account}/target: {{groups: [team]}}}}\ngroups: {{{account}/team: {{attached: [\"{DENYING}\"], inline: {{own: [{{Effect: Deny, Action: \"a4b:GetRoom\", Resource: \"*\"}}]}}}}}}\n"
            ),
            On::User => {
                let policies = self.policies();
                let policies = policies.trim_start_matches(", ");
                format!("users: {{{account}/target: {{{policies}}}}}\n")
            }
            On::Role if self.has_policy() => format!(
                "managed: {{{account}/own: [{{Effect: Allow, Action: \"a4b:GetRoom\", Resource: \"*\"}}]}}\n"
            ),
            On::Policy => format!(
                "managed: {{{account}/target: [{{Effect: Allow, Action: \"a4b:GetRoom\", Resource: \"*\"}}]}}\n"
            ),
            On::Bucket => format!(
                "buckets: {{target-bucket: {{account: \"{account}\"{policy}{}}}}}\n",
                self.bucket()
            ),
            On::Key => by_arn("keys"),
            On::Table => by_arn("tables"),
            On::Queue => by_arn("queues"),
            On::Topic => by_arn("topics"),
            On::Secret => by_arn("secrets"),
            On::Function => by_arn("functions"),
            On::Repository => by_arn("repositories"),
            On::Trail => format!(
                "trails: {{target: {{account: \"{account}\", organization: {}}}}}\n",
                !self.is(&Variant::Otherwise)
            ),
            On::Endpoint => {
                format!("endpoints: {{vpce-0a: {{account: \"{account}\", service: s3}}}}\n")
            }
            On::Provider => format!("providers: {{\"{target}\": {{}}}}\n"),
            On::PermissionSet => format!("permission-sets: {{\"{target}\": {{name: Admin}}}}\n"),
            _ => String::new(),
        }
    }

    /// What the edge rewrites of the target, and what denies it something where the edge takes that
    /// away.
    fn policies(&self) -> String {
        match self.edge.gains.contains(&Gain::Undeny) {
            _ if self.has_policy() => format!(r#", attached: ["{}/own"]"#, self.place()),
            true => format!(
                r#", attached: ["{DENYING}"], inline: {{no: [{{Effect: Deny, Action: "a4b:GetRoom", Resource: "*"}}]}}"#
            ),
            false => String::new(),
        }
    }

    fn has_policy(&self) -> bool {
        let mut needs = self.edge.needs.iter();
        needs.any(|need| need.operand == Operand::Policy)
    }

    fn of_group(&self) -> bool {
        let mut needs = self.edge.needs.iter();
        self.edge.gains.contains(&Gain::Undeny)
            && needs.any(|need| need.action.name().contains("Group"))
    }

    fn bucket(&self) -> String {
        let otherwise = self.is(&Variant::Otherwise);
        let mut facts = String::new();
        for guard in &self.edge.guards {
            facts += match (guard, otherwise) {
                (Guard::Acls, false) => ", ownership: writer",
                (Guard::Versioned, false) | (Guard::Unversioned, true) => ", versioning: true",
                (Guard::Unlocked, true) => ", object-lock: {mode: COMPLIANCE, days: 365}",
                _ => "",
            };
        }
        facts
    }

    /// Roles that stand behind a thing that is no role.
    fn roles(&self) -> String {
        let account = self.place();
        let trust = self.trust();
        match &self.edge.on {
            On::Role if self.service_linked() => {
                format!("  {account}/aws-service-role/x.amazonaws.com/target: {{trust: {trust}}}\n")
            }
            On::Role => {
                let policies = self.policies();
                format!("  {account}/target: {{trust: {trust}{policies}}}\n")
            }
            On::Provider => format!(
                "  {account}/federated: {{trust: [{{Effect: Allow, Principal: {{Federated: \"{}\"}}, Action: \"sts:AssumeRoleWithSAML\"}}]}}\n",
                self.target()
            ),
            On::PermissionSet => format!(
                "  {MEMBER}/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef: {{trust: {trust}}}\n"
            ),
            _ => String::new(),
        }
    }

    fn action(&self, place: usize) -> String {
        self.edge.needs[place].action.to_string()
    }

    /// The whole organization, as a fixture.
    pub fn text(&self) -> String {
        let boundary = match self.variant {
            Variant::Boundary(place) => {
                let (account, action) = (self.account(), self.action(place));
                format!(
                    ", boundary: {account}/fence\nmanaged: {{{account}/fence: [{{Effect: Allow, NotAction: \"{action}\", Resource: \"*\"}}]}}"
                )
            }
            _ => String::new(),
        };
        let (bound, managed) = boundary.split_once('\n').unwrap_or((&boundary, ""));
        let scp = match self.variant {
            Variant::Guardrail(_) => "scp: [FullAWSAccess, stop]",
            _ => "",
        };
        let mut text = format!(
            "organization: {{id: {ORGANIZATION}, management: \"{MANAGEMENT}\"{}}}\n\
             units: {{r-1: {{{scp}}}, ou-1: {{parent: r-1, name: work}}}}\n\
             accounts:\n  \"{MANAGEMENT}\": {{name: management, parent: r-1}}\n  \
             \"{MEMBER}\": {{name: work, parent: ou-1}}\n  \"{OTHER}\": {{name: other, parent: ou-1}}\n",
            self.delegation(),
        );
        let stop = match self.variant {
            Variant::Guardrail(place) => Some(self.action(place)),
            _ if self.edge.on == On::OrgPolicy => Some("a4b:GetRoom".to_owned()),
            _ => None,
        };
        if let Some(action) = stop {
            let _ = writeln!(
                text,
                "policies: {{stop: [{{Effect: Deny, Action: \"{action}\", Resource: \"*\"}}]}}"
            );
        }
        let thing = self.thing();
        // One section may hold both the bound policy and the boundary.
        let (thing, managed) = match (thing.strip_prefix("managed: {"), managed.is_empty()) {
            (Some(rest), false) => (
                String::new(),
                format!("{}, {rest}", managed.trim_end().trim_end_matches('}')),
            ),
            _ => (thing, managed.to_owned()),
        };
        let _ = write!(
            text,
            "roles:\n  {}/caller: {{trust: [{{Effect: Allow, Principal: {{Service: macie.amazonaws.com}}, Action: \"sts:AssumeRole\"}}], inline: {{needs: [{}]}}{bound}}}\n{}{thing}{managed}\n{}",
            self.account(),
            self.grants(),
            self.roles(),
            self.carriers() + &self.delegates(),
        );
        text
    }
}
