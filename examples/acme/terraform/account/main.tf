# The baseline of one account.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "id" {
  description = "The account."
  type        = string
}

variable "accounts" {
  description = "All account ids by name."
  type        = map(string)
}

variable "read_actions" {
  description = "What the reader of the snapshot may call."
  type        = list(string)
}

variable "permission_sets" {
  description = "The permission sets of Identity Center, with the accounts that each is provisioned to."
  type        = map(object({ suffix = string, accounts = list(string), policies = list(string), become = string }))
}

locals {
  management = var.accounts["management"]
  is_member  = var.id != local.management
  saml_arn   = "arn:aws:iam::${var.id}:saml-provider/AWSSSO_4b1d0c8e7a2f9356_DO_NOT_DELETE"

  here = { for name, set in var.permission_sets : name => set if contains([for a in set.accounts : var.accounts[a]], var.id) }
}

# The reader of the snapshot: nothing but the read actions of the operation table.
resource "aws_iam_role" "org_reader" {
  name = "org-reader"
  path = "/platform/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "InventoryOnly"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.accounts["security"]}:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::${var.accounts["security"]}:role/platform/inventory" } }
    }]
  })
}

resource "aws_iam_role_policy" "org_reader" {
  name = "read-configuration"
  role = aws_iam_role.org_reader.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "ReadConfiguration", Effect = "Allow", Action = var.read_actions, Resource = "*" }]
  })
}

# Creates the roles whose names carry approval: nobody else may (see the policy protect-platform).
resource "aws_iam_role" "vending" {
  count = local.is_member ? 1 : 0
  name  = "vending"
  path  = "/platform/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountVending"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${local.management}:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::${local.management}:role/platform/account-vending" } }
    }]
  })
}

resource "aws_iam_role_policy" "vending" {
  count = local.is_member ? 1 : 0
  name  = "vend-roles"
  role  = aws_iam_role.vending[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "VendRoles"
      Effect = "Allow"
      Action = [
        "iam:CreateRole", "iam:DeleteRole", "iam:GetRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary",
      ]
      Resource = ["arn:aws:iam::${var.id}:role/app/*", "arn:aws:iam::${var.id}:role/ci/*", "arn:aws:iam::${var.id}:role/service/*"]
    }]
  })
}

# Control Tower's way into every enrolled account.
resource "aws_iam_role" "control_tower" {
  count = local.is_member ? 1 : 0
  name  = "AWSControlTowerExecution"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.management}:root" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "control_tower" {
  count      = local.is_member ? 1 : 0
  role       = aws_iam_role.control_tower[0].name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# The organization creates this role with each account; only its policy is ours to see to.
resource "aws_iam_role_policy_attachment" "organization_access" {
  count      = local.is_member ? 1 : 0
  role       = "OrganizationAccountAccessRole"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_saml_provider" "identity_center" {
  name                   = "AWSSSO_4b1d0c8e7a2f9356_DO_NOT_DELETE"
  saml_metadata_document = file("${path.module}/identity-center.xml")
}

resource "aws_iam_role" "permission_set" {
  for_each = local.here
  name     = "AWSReservedSSO_${each.key}_${each.value.suffix}"
  path     = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.saml_arn }
      Action    = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
      Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "permission_set" {
  for_each   = merge([for name, set in local.here : { for arn in set.policies : "${name} ${arn}" => { name = name, arn = arn } }]...)
  role       = aws_iam_role.permission_set[each.value.name].name
  policy_arn = each.value.arn
}

resource "aws_iam_role_policy" "permission_set" {
  for_each = { for name, set in local.here : name => set if set.become != "" }
  name     = "AwsSSOInlinePolicy"
  role     = aws_iam_role.permission_set[each.key].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Become", Effect = "Allow", Action = "sts:AssumeRole", Resource = each.value.become }]
  })
}

# Service-linked roles: no SCP binds them, so they belong in the picture.
resource "aws_iam_role" "service_linked" {
  for_each = {
    AWSServiceRoleForOrganizations = "organizations.amazonaws.com"
    AWSServiceRoleForSSO           = "sso.amazonaws.com"
    AWSServiceRoleForCloudTrail    = "cloudtrail.amazonaws.com"
  }
  name = each.key
  path = "/aws-service-role/${each.value}/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = each.value }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "service_linked" {
  for_each = {
    AWSServiceRoleForOrganizations = "AWSOrganizationsServiceTrustPolicy"
    AWSServiceRoleForSSO           = "AWSSSOServiceRolePolicy"
    AWSServiceRoleForCloudTrail    = "CloudTrailServiceRolePolicy"
  }
  role       = aws_iam_role.service_linked[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/aws-service-role/${each.value}"
}
