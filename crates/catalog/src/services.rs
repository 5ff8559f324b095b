//! What AWS's services take part in: resource control policies, keys of endpoint owners, VPC
//! endpoints, calls as a service principal, resources that AWS owns.
//!
//! These lists grow every few weeks, and a policy that names a service outside its list is not
//! refused but silently without effect. That makes them the facts that age worst.

use crate::rows::Row;
use crate::tables::{
    ENDPOINT_OWNER_KEYS, ENDPOINTS, NAMED_PRINCIPALS, PARTITIONS, RCP_EXEMPT, RCP_SERVICES,
    SERVICE_OWNED, SERVICE_PRINCIPALS,
};

/// Whether resource control policies apply to requests for that action ("Resource control policies
/// (RCPs)"). They still need a resource that is not in the management account, and a key that is
/// customer managed.
pub fn rcp_covers(service: &str, action: &str) -> bool {
    RCP_SERVICES.find(&[service]).is_some() && RCP_EXEMPT.find(&[service, action]).is_none()
}

/// The services that resource control policies cover, in order.
pub fn rcp_services() -> impl Iterator<Item = &'static str> {
    RCP_SERVICES.all().map(|row| row.column(0))
}

/// What another page of AWS says against the list of services that resource control policies
/// cover, if one does: a verdict that rests on it should say so.
pub fn rcp_disagreement(service: &str) -> Option<&'static str> {
    RCP_SERVICES
        .find(&[service])
        .map(|row| row.column(1))
        .filter(|text| !text.is_empty())
}

/// The four keys that name the owner of a VPC endpoint, in order.
pub const ENDPOINT_OWNER: [&str; 4] = [
    "aws:SourceVpcArn",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
];

/// Whether a service sends that key of the endpoint's owner for requests through an endpoint
/// ("AWS global condition context keys"). False for a key that is none of [`ENDPOINT_OWNER`].
pub fn sends_endpoint_key(key: &str, service: &str) -> bool {
    ENDPOINT_OWNER_KEYS.find(&[key, service]).is_some()
}

/// Likewise, with the actions left out that the service does not send it for, such as
/// `iam:PassRole`.
pub fn sends_endpoint_key_for(key: &str, service: &str, action: &str) -> bool {
    let row = ENDPOINT_OWNER_KEYS.find(&[key, service]);
    row.is_some_and(|row| {
        !row.list(2)
            .any(|except| except.eq_ignore_ascii_case(action))
    })
}

/// The services that send a key of the endpoint's owner, in order.
pub fn services_sending(key: &str) -> impl Iterator<Item = &'static str> {
    ENDPOINT_OWNER_KEYS
        .starting(&[key])
        .map(|row| row.column(1))
}

/// The VPC endpoints that a service has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointSupport {
    /// The service prefix.
    pub service: &'static str,
    /// Whether it has gateway endpoints.
    pub gateway: bool,
    /// Whether it has interface endpoints.
    pub interface: bool,
    /// Whether they take a policy; without one they let everything pass.
    pub policies: bool,
    /// What else matters, or nothing.
    pub note: &'static str,
}

/// The VPC endpoints of a service; `None` if this catalogue does not know, which says nothing.
pub fn endpoint_support(service: &str) -> Option<EndpointSupport> {
    ENDPOINTS.find(&[service]).map(|row| EndpointSupport {
        service: row.column(0),
        gateway: row.column(1) == "yes",
        interface: row.column(2) == "yes",
        policies: row.column(3) == "yes",
        note: row.column(4),
    })
}

/// A host name under which an AWS service calls as itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// The host name, such as `cloudtrail.amazonaws.com`.
    pub name: &'static str,
    /// The prefix of the service behind it.
    pub service: &'static str,
    /// Whether it is known to send `aws:SourceArn` or `aws:SourceAccount` with calls for a
    /// resource; false means not settled.
    pub sends_source: bool,
    /// What it does, or nothing.
    pub note: &'static str,
}

/// The service principal of that name; a Region in the name (`logs.eu-west-1.amazonaws.com`) is
/// passed over. `None` if this catalogue does not know it, which says nothing.
pub fn service_principal(name: &str) -> Option<ServicePrincipal> {
    let exact = SERVICE_PRINCIPALS.find(&[name]);
    exact
        .or_else(|| SERVICE_PRINCIPALS.find(&[&without_region(name)?]))
        .map(as_principal)
}

/// Whether a name is known to be a service principal: from its service's pages, or because an AWS
/// managed policy names it. False says nothing: AWS publishes no list.
pub fn is_service_principal(name: &str) -> bool {
    let known = |name: &str| {
        NAMED_PRINCIPALS.find(&[name]).is_some() || SERVICE_PRINCIPALS.find(&[name]).is_some()
    };
    known(name) || without_region(name).is_some_and(|name| known(&name))
}

/// Every service principal whose pages were reviewed, in order.
pub fn service_principals() -> impl Iterator<Item = ServicePrincipal> {
    SERVICE_PRINCIPALS.all().map(as_principal)
}

fn as_principal(row: Row) -> ServicePrincipal {
    ServicePrincipal {
        name: row.column(0),
        service: row.column(1),
        sends_source: row.column(2) == "sent",
        note: row.column(3),
    }
}

/// `logs.eu-west-1.amazonaws.com` without its Region, if it has one.
fn without_region(name: &str) -> Option<String> {
    let (service, rest) = name.split_once('.')?;
    let (region, suffix) = rest.split_once('.')?;
    partition_of_region(region).map(|_| format!("{service}.{suffix}"))
}

/// A resource that AWS owns and that a boundary on resources must spare.
///
/// A name is no proof: anybody may own a bucket that such a pattern matches, so an exemption should
/// also fix the account (`aws:ResourceAccount`) wherever it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceOwned {
    /// Its ARN as a pattern; `${ServiceAccount}` stands for an account of AWS that differs by
    /// Region.
    pub arn: &'static str,
    /// The prefix of the service that serves it.
    pub service: &'static str,
    /// Who asks for it, and so which exemption spares the call: `caller`, `forwarded`,
    /// `service role`, `service account`, `presigned` or `unsigned`.
    pub called_as: &'static str,
    /// What it is for.
    pub purpose: &'static str,
}

/// The resources known to be AWS's own, in order. The list is never complete.
pub fn service_owned() -> impl Iterator<Item = ServiceOwned> {
    SERVICE_OWNED.all().map(|row| ServiceOwned {
        arn: row.column(0),
        service: row.column(1),
        called_as: row.column(2),
        purpose: row.column(3),
    })
}

/// A partition: AWS's Regions fall into groups that share no accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its name in ARNs, such as `aws-us-gov`.
    pub name: &'static str,
    /// What its host names end with.
    pub dns_suffix: &'static str,
    /// What people call it.
    pub title: &'static str,
}

/// The partition of that name.
pub fn partition(name: &str) -> Option<Partition> {
    PARTITIONS.find(&[name]).map(as_partition)
}

/// The partition that a Region belongs to, by the prefix of its name.
pub fn partition_of_region(region: &str) -> Option<Partition> {
    let prefix = |row: &Row| {
        row.list(2)
            .filter(|p| region.starts_with(p))
            .map(str::len)
            .max()
    };
    PARTITIONS
        .all()
        .filter(|row| prefix(row).is_some())
        .max_by_key(prefix)
        .map(as_partition)
}

fn as_partition(row: Row) -> Partition {
    Partition {
        name: row.column(0),
        dns_suffix: row.column(1),
        title: row.column(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::service_name;

    /// "Resource control policies (RCPs)"; "Resource control policies in AWS KMS".
    #[test]
    fn what_resource_control_policies_cover() {
        assert_eq!(rcp_services().count(), 62);
        for (service, action, covered) in [
            ("s3", "GetObject", true),
            ("S3", "GetObject", true),
            ("kms", "Decrypt", true),
            ("kms", "RetireGrant", false),
            ("kms", "retiregrant", false),
            ("dynamodb", "GetItem", true),
            ("sns", "Publish", false),
            ("lambda", "InvokeFunction", false),
            ("kinesis", "GetRecords", false),
            ("kinesisvideo", "GetMedia", true),
        ] {
            assert_eq!(rcp_covers(service, action), covered, "{service}:{action}");
        }
    }

    #[test]
    fn pages_that_disagree_about_coverage() {
        assert!(rcp_disagreement("logs").is_some());
        assert_eq!(rcp_disagreement("s3"), None);
        assert_eq!(rcp_disagreement("sns"), None);
    }

    /// "AWS global condition context keys": four lists, not one.
    #[test]
    fn which_services_send_the_endpoint_owner_keys() {
        let sizes = ENDPOINT_OWNER.map(|key| services_sending(key).count());
        assert_eq!(sizes, [36, 39, 55, 41]);
        for (key, service, sends) in [
            ("aws:VpceOrgID", "s3", true),
            ("aws:vpceorgid", "s3", true),
            ("aws:VpceOrgID", "sts", false),
            ("aws:VpceOrgPaths", "sts", true),
            ("aws:VpceOrgPaths", "secretsmanager", true),
            ("aws:VpceOrgID", "secretsmanager", false),
            ("aws:VpceOrgID", "sqs", true),
            ("aws:VpceAccount", "sqs", false),
            ("aws:SourceVpcArn", "dynamodb", false),
            ("aws:VpceOrgID", "logs", false),
            ("aws:SourceVpce", "s3", false),
        ] {
            assert_eq!(
                sends_endpoint_key(key, service),
                sends,
                "{key} from {service}"
            );
        }
        assert!(sends_endpoint_key_for("aws:VpceOrgID", "iam", "CreateRole"));
        assert!(!sends_endpoint_key_for("aws:VpceOrgID", "iam", "passrole"));
    }

    #[test]
    fn endpoints() {
        assert!(endpoint_support("s3").is_some_and(|support| support.gateway && support.interface));
        assert!(endpoint_support("kms").is_some_and(|support| !support.gateway));
        assert_eq!(endpoint_support("no-such-service"), None);
    }

    #[test]
    fn principals_of_services() {
        let logs = service_principal("logs.eu-west-1.amazonaws.com").map(|found| found.name);
        assert_eq!(logs, Some("logs.amazonaws.com"));
        assert_eq!(
            service_principal("delivery.logs.amazonaws.com")
                .unwrap()
                .service,
            "logs"
        );
        assert_eq!(service_principal("sneaky.amazonaws.com"), None);
    }

    #[test]
    fn resources_of_aws() {
        let layers = service_owned().find(|owned| owned.arn.contains("starport-layer-bucket"));
        assert_eq!(layers.map(|owned| owned.called_as), Some("presigned"));
        assert!(service_owned().all(|owned| service_name(owned.service).is_some()));
    }

    #[test]
    fn partitions_of_regions() {
        for (region, expected) in [
            ("eu-west-1", Some("aws")),
            ("us-gov-west-1", Some("aws-us-gov")),
            ("us-east-1", Some("aws")),
            ("us-iso-east-1", Some("aws-iso")),
            ("cn-north-1", Some("aws-cn")),
            ("moon-1", None),
        ] {
            assert_eq!(
                partition_of_region(region).map(|found| found.name),
                expected,
                "{region}"
            );
        }
        assert_eq!(
            partition("aws-cn").map(|found| found.dns_suffix),
            Some("amazonaws.com.cn")
        );
    }
}
