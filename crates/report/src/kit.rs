//! Probes as files to run: one shell script for each caller and place, and a page that says how.
//!
//! The scripts are plain POSIX shell over the AWS CLI. Every value stands in single quotes or is a
//! plain word; a comment holds no control character. What a command prints is thrown away unread, and
//! of an error only the code and the message are kept.

use std::collections::BTreeMap;

use cofferdam_findings::kit::{Planned, Sender};
use cofferdam_findings::probe::Expected;

/// The page of instructions.
const PAGE: &str = "README.md";
/// Characters of a caller's name in the name of a file.
const NAME_MAX: usize = 48;

/// Everything before the probes. The message is cut and reduced to printable ASCII, so that a line of
/// results is always one line of JSON.
const HEAD: &str = r#"
set -u
export AWS_MAX_ATTEMPTS=1 AWS_PAGER=''
umask 077
out=${RESULTS:-results.jsonl}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

plain() {
  LC_ALL=C tr '\n\t' '  ' | LC_ALL=C tr -cd '\040-\176' | cut -c1-1500 | sed 's/^ *//; s/ *$//; s/\\/\\\\/g; s/"/\\"/g'
}

probe() {
  id=$1
  shift
  at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  aws --cli-connect-timeout 5 --cli-read-timeout 20 "$@" >/dev/null 2>"$work/error" </dev/null
  status=$?
  code=$(sed -n 's/.*An error occurred (\([A-Za-z0-9._-]*\)).*/\1/p' "$work/error" | sed -n 1p)
  message=$(plain <"$work/error")
  printf '{"id":"%s","caller":"%s","at":"%s","exit":%s,"code":"%s","message":"%s"}\n' \
    "$id" "$caller" "$at" "$status" "$code" "$message" >>"$out"
}
"#;

const CALLER: &str = r#"
caller=$(aws --cli-connect-timeout 5 --cli-read-timeout 20 sts get-caller-identity --query Arn --output textREGION | plain)
if [ -z "$caller" ]; then
  echo 'who you are could not be asked; nothing was sent' >&2
  exit 2
fi
echo "sending as $caller" >&2
"#;

/// A probe with its arguments.
type Probe<'p> = (&'p Planned, &'p [String]);

/// The files of a kit by name.
pub fn files(planned: &[Planned]) -> BTreeMap<String, String> {
    let mut groups: BTreeMap<(&Sender, &str), Vec<Probe>> = BTreeMap::new();
    for one in planned {
        if let Ok(arguments) = &one.sent {
            let group = groups.entry((&one.caller, &one.vantage)).or_default();
            group.push((one, arguments));
        }
    }
    let mut files = BTreeMap::new();
    let mut table = String::new();
    for (number, ((caller, vantage), probes)) in groups.iter().enumerate() {
        let name = format!("{:02}-{}.sh", number + 1, slug(&who(caller)));
        table.push_str(&format!(
            "| `{name}` | {} | {} | {} |\n",
            cell(&who(caller)),
            cell(vantage),
            probes.len()
        ));
        files.insert(name, script(caller, vantage, probes));
    }
    files.insert(PAGE.to_owned(), page(planned, &table));
    files
}

/// The sender in words.
pub(crate) fn who(sender: &Sender) -> String {
    match sender {
        Sender::Role(account, name) => format!("role {name} of account {account}"),
        Sender::User(arn) => arn.clone(),
        Sender::Outside => "anybody of an account outside the organization".to_owned(),
        Sender::Anonymous => "nobody, without a signature".to_owned(),
        Sender::Service(host) => host.clone(),
    }
}

fn script(caller: &Sender, vantage: &str, probes: &[Probe<'_>]) -> String {
    let mut text = format!(
        "#!/bin/sh\n# Run as: {}\n# Run: {}\n# Appends one line for each probe to results.jsonl, or to the file that RESULTS names.\n{HEAD}",
        comment(&who(caller)),
        comment(vantage)
    );
    // STS is asked where the first probe goes, for machines on which no Region is set.
    let regions = probes.iter().flat_map(|(_, arguments)| arguments.iter());
    let mut regions = regions.filter(|word| word.starts_with("--region="));
    let region = regions.next().map(|word| format!(" {}", quoted(word)));
    text.push_str(&match caller {
        Sender::Anonymous => "\ncaller=anonymous\n".to_owned(),
        _ => CALLER.replace("REGION", &region.unwrap_or_default()),
    });
    for (one, arguments) in probes {
        let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
        text.push_str(&format!(
            "\n# {}: expected {}{}\nprobe {} {}\n",
            comment(&one.name),
            expected(one),
            layers(one),
            quoted(&one.id),
            words.join(" ")
        ));
    }
    text
}

fn expected(one: &Planned) -> &'static str {
    match one.expected {
        Expected::Allowed => "allowed",
        Expected::Refused => "refused",
    }
}

fn layers(one: &Planned) -> String {
    match one.refused_by.is_empty() {
        true => String::new(),
        false => format!(", by {}", one.refused_by.join(", ")),
    }
}

/// A word that a POSIX shell takes as it is: in single quotes, if it is more than a plain one.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_./:=,@%+".contains(one);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Text that stays in its comment.
fn comment(text: &str) -> String {
    let kept = text
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one });
    kept.collect()
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    comment(text).replace('|', "\\|").replace('<', "&lt;")
}

fn slug(text: &str) -> String {
    let plain = |one: char| {
        if one.is_ascii_alphanumeric() || one == '.' {
            one
        } else {
            '-'
        }
    };
    text.chars().map(plain).take(NAME_MAX).collect()
}

fn page(planned: &[Planned], table: &str) -> String {
    let mut text = format!(
        "# Probes\n\n\
         Cofferdam wrote these scripts and sends nothing itself. Each is run by you, as the caller and from\n\
         the place that it names, with the AWS CLI; it reads, or asks for a dry run, and keeps only AWS's\n\
         error codes and messages.\n\n\
         1. Put the canaries there (below). Without them a refusal may be of a thing that is not there.\n\
         2. Run each script that you can, `sh 01-….sh`; all may append to one `results.jsonl`.\n\
         3. `cofferdam test --results results.jsonl SOURCE…` compares, with the same `--canary`.\n\n\
         A role named `probe-administrator` is one that you make for this, with a policy that allows\n\
         everything, and delete afterwards: the boundary must hold even against it.\n\n\
         ## Canaries\n\n{}\n\
         ## Scripts\n\n| script | run as | run | probes |\n|---|---|---|---|\n{table}",
        canaries(planned)
    );
    let left: Vec<&Planned> = planned.iter().filter(|one| one.sent.is_err()).collect();
    if !left.is_empty() {
        text.push_str("\n## Not probed\n\n| action | why | paths |\n|---|---|---|\n");
        let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for one in left {
            let why = one.sent.as_ref().err().map_or("", String::as_str);
            *reasons.entry((&one.action, why)).or_default() += 1;
        }
        for ((action, why), count) in reasons {
            text.push_str(&format!(
                "| `{}` | {} | {count} |\n",
                cell(action),
                cell(why)
            ));
        }
    }
    text
}

/// What the owner puts where, from the commands that try it.
fn canaries(planned: &[Planned]) -> String {
    let mut lines: BTreeMap<String, ()> = BTreeMap::new();
    for one in planned {
        let Ok(arguments) = &one.sent else { continue };
        let value = |name: &str| {
            let found = arguments.iter().find_map(|word| word.strip_prefix(name));
            found.map(quoted).unwrap_or_default()
        };
        let line = match &*one.action {
            "s3:GetObject" => format!(
                "printf canary > canary.txt; aws s3api put-object --bucket {} --key {} --body canary.txt",
                value("--bucket="),
                value("--key=")
            ),
            "dynamodb:GetItem" => format!(
                "aws dynamodb put-item --table-name {} --item {}",
                value("--table-name="),
                value("--key=")
            ),
            "secretsmanager:GetSecretValue" => format!(
                "aws secretsmanager put-secret-value --secret-id {} --secret-string canary --version-stages {}",
                value("--secret-id="),
                value("--version-stage=")
            ),
            "kms:Decrypt" => format!(
                "aws kms encrypt --key-id {} --plaintext Y2FuYXJ5 --encryption-context cofferdam=canary --output text --query CiphertextBlob | base64 -d > canary.bin",
                value("--key-id=")
            ),
            _ => continue,
        };
        lines.insert(format!("    {}\n", comment(&line)), ());
    }
    match lines.is_empty() {
        true => "None is needed.\n".to_owned(),
        false => format!(
            "With an administrator of the data, once, and with whatever else your policies ask of a write (a\nkey, for instance; an item may need more attributes than its key):\n\n{}",
            lines.into_keys().collect::<String>()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_comments_stay_what_they_are() {
        for (text, expected) in [
            ("--bucket=b", "--bucket=b"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("`x`;y|z&", "'`x`;y|z&'"),
            ("", "''"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(quoted(text), expected);
        }
        assert_eq!(comment("a\n reboot\r"), "a  reboot ");
        assert_eq!(slug("role ../x of"), "role-..-x-of");
    }
}
