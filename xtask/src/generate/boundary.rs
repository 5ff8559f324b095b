//! The boundary file of a generated organization.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::dataset::Dataset;
use super::{MANAGEMENT, ORGANIZATION, RETENTION_DAYS, Shape, TRAIL, key};

/// Writes `boundary.yaml` beside the manifest, so that the directory is a project.
pub(super) fn write(directory: &Path, shape: &Shape) -> io::Result<()> {
    let file = fs::File::create(directory.join("boundary.yaml"))?;
    let mut out = io::BufWriter::new(file);
    write!(out, "{}", beginning())?;
    let members = shape.accounts.saturating_sub(1).max(1);
    for dataset in 0..shape.datasets {
        let dataset = Dataset::new(shape, 1 + dataset % members, dataset / members);
        write!(out, "{}", one(shape, &dataset))?;
    }
    write!(out, "{END}")?;
    out.flush()
}

fn beginning() -> String {
    format!(
        r#"version: 1
sources: [.]
organizations:
  - id: {ORGANIZATION}
    accounts: {{management: "{MANAGEMENT}"}}
networks:
  anywhere: {{endpoints: organization, cidrs: [0.0.0.0/0, "::/0"], exclusive: false}}
datasets:
"#
    )
}

fn one(shape: &Shape, dataset: &Dataset) -> String {
    let who = |roles: &[String]| {
        let roles: Vec<String> = roles
            .iter()
            .map(|role| format!("{{role: \"{role}\"}}"))
            .collect();
        format!("[{}]", roles.join(", "))
    };
    let Dataset {
        bucket,
        users,
        readers,
        administrator,
        ..
    } = dataset;
    let class = if dataset.restricted {
        "restricted"
    } else {
        "internal"
    };
    let mut lines = format!(
        r#"  - name: {bucket}
    class: {class}
    owner: team-{}
    resources: [{{arn: "arn:aws:s3:::{bucket}"}}]
    access:
      - {{who: {}, can: [read, write, list], from: [anywhere], assumed-by: [{{service: lambda.amazonaws.com}}]}}
"#,
        dataset.account,
        who(users)
    );
    if !readers.is_empty() {
        lines += &format!(
            "      - {{who: {}, can: [read, list], from: [anywhere], assumed-by: [{{service: codebuild.amazonaws.com}}]}}\n",
            who(readers)
        );
    }
    lines += &format!(
        "    administrators: {}\n",
        who(std::slice::from_ref(administrator))
    );
    if dataset.restricted {
        lines += &format!("    keys: [{{arn: \"{}\"}}]\n", key::arn(dataset.account));
        lines += &format!("    key-administrators: {}\n", who(&[key::administrator()]));
    }
    lines += &format!(
        r#"    audit:
      trail: {TRAIL}
      archive: "arn:aws:s3:::{}"
      retention-days: {RETENTION_DAYS}
      administrators: [{{role: "{}"}}, {{account: "{MANAGEMENT}"}}]
"#,
        shape.archive(),
        shape.archive_administrator()
    );
    lines
}

/// Roles that the platform stamps into every account, which may read what no policy guards.
const END: &str = r#"platform-roles:
  - {pattern: "arn:aws:iam::*:role/platform/*", origin: stackset, lifts: ["identity.unapproved-principal"], reason: stamped into every account, owner: platform, expires: 2027-12-31}
  - {pattern: "arn:aws:iam::*:role/service/backup", origin: stackset, lifts: ["identity.unapproved-principal"], reason: stamped into every account, owner: platform, expires: 2027-12-31}
"#;
