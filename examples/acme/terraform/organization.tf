# The tree: accounts are placed by what they are trusted with, not by who pays for them.

resource "aws_organizations_organization" "acme" {
  provider                      = aws.management
  feature_set                   = "ALL"
  enabled_policy_types          = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
  aws_service_access_principals = ["cloudtrail.amazonaws.com", "config.amazonaws.com", "sso.amazonaws.com"]
}

locals {
  org_id  = aws_organizations_organization.acme.id
  root_id = aws_organizations_organization.acme.roots[0].id

  top_units    = toset(["security", "infrastructure", "data", "workloads", "sandbox"])
  workload_ous = toset(["payments", "claims"])

  placement = {
    "log-archive" = aws_organizations_organizational_unit.top["security"].id
    "security"    = aws_organizations_organizational_unit.top["security"].id
    "keys"        = aws_organizations_organizational_unit.top["security"].id
    "network"     = aws_organizations_organizational_unit.top["infrastructure"].id
    "data"        = aws_organizations_organizational_unit.top["data"].id
    "payments"    = aws_organizations_organizational_unit.workload["payments"].id
    "claims"      = aws_organizations_organizational_unit.workload["claims"].id
    "sandbox"     = aws_organizations_organizational_unit.top["sandbox"].id
  }
}

resource "aws_organizations_organizational_unit" "top" {
  for_each  = local.top_units
  provider  = aws.management
  name      = each.key
  parent_id = local.root_id
}

resource "aws_organizations_organizational_unit" "workload" {
  for_each  = local.workload_ous
  provider  = aws.management
  name      = each.key
  parent_id = aws_organizations_organizational_unit.top["workloads"].id
}

resource "aws_organizations_account" "member" {
  for_each  = local.placement
  provider  = aws.management
  name      = each.key
  email     = "aws+${each.key}@acme.example"
  parent_id = each.value
  tags      = { "data-class" = each.key == "data" ? "restricted" : "internal" }
}

resource "aws_organizations_delegated_administrator" "guardduty" {
  provider          = aws.management
  account_id        = var.accounts["security"]
  service_principal = "guardduty.amazonaws.com"
  depends_on        = [aws_organizations_account.member]
}
