# Service control policies (what our principals may not do) and resource control policies (what nobody may do
# to our resources). They are coarse on purpose: the datasets' own policies are in data.tf.
# The tree of accounts is attached to last, so that the first apply is not refused by its own guardrails.

locals {
  creators = "arn:aws:iam::*:role/platform/vending"

  role_changes = [
    "iam:CreateRole", "iam:DeleteRole", "iam:UpdateRole", "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:TagRole", "iam:UntagRole",
  ]

  service_control_policies = {
    protect-organization = {
      targets = ["root"]
      statements = [
        {
          Sid      = "MembersStay"
          Effect   = "Deny"
          Action   = ["organizations:LeaveOrganization", "account:CloseAccount", "account:PutAlternateContact", "account:DeleteAlternateContact"]
          Resource = "*"
        },
        {
          Sid       = "NoMemberRoot"
          Effect    = "Deny"
          Action    = "*"
          Resource  = "*"
          Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:root" } }
        },
        {
          Sid    = "KnownRegions"
          Effect = "Deny"
          NotAction = [
            "access-analyzer:*", "account:*", "budgets:*", "cloudfront:*", "globalaccelerator:*", "health:*", "iam:*", "kms:*",
            "organizations:*", "route53:*", "s3:GetAccountPublicAccessBlock", "s3:GetBucketLocation", "s3:ListAllMyBuckets",
            "shield:*", "sso:*", "sts:*", "support:*", "trustedadvisor:*", "waf:*", "wafv2:*",
          ]
          Resource  = "*"
          Condition = { StringNotEquals = { "aws:RequestedRegion" = [var.region, "us-east-1"] } }
        },
      ]
    }

    protect-platform = {
      targets = ["root"]
      statements = [
        {
          Sid       = "ReservedNames"
          Effect    = "Deny"
          Action    = local.role_changes
          Resource  = ["arn:aws:iam::*:role/app/*", "arn:aws:iam::*:role/platform/*"]
          Condition = { ArnNotLike = { "aws:PrincipalArn" = local.creators } }
        },
        {
          Sid       = "IdentityProviders"
          Effect    = "Deny"
          Action    = ["iam:CreateOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint", "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateSAMLProvider", "iam:UpdateSAMLProvider", "rolesanywhere:CreateTrustAnchor", "sso:CreateInstance"]
          Resource  = "*"
          Condition = { ArnNotLike = { "aws:PrincipalArn" = local.creators } }
        },
      ]
    }

    protect-audit = {
      targets = ["root"]
      statements = [{
        Sid    = "TrailStays"
        Effect = "Deny"
        Action = [
          "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail",
          "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel", "config:StopConfigurationRecorder",
          "guardduty:DeleteDetector", "guardduty:DisassociateFromAdministratorAccount",
        ]
        Resource = "*"
      }]
    }

    no-sharing = {
      targets = ["root"]
      statements = [
        {
          Sid       = "NoSharesOutside"
          Effect    = "Deny"
          Action    = ["ram:CreateResourceShare", "ram:UpdateResourceShare"]
          Resource  = "*"
          Condition = { Bool = { "ram:RequestedAllowsExternalPrincipals" = "true" } }
        },
        {
          Sid      = "NoOtherDoors"
          Effect   = "Deny"
          Action   = ["s3:CreateAccessGrant", "s3:PutAccessGrantsInstanceResourcePolicy", "s3:PutAccountPublicAccessBlock", "ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute", "rds:ModifyDBSnapshotAttribute"]
          Resource = "*"
        },
      ]
    }

    protect-archive = {
      targets = ["log-archive"]
      statements = [{
        Sid    = "OnlyArchiveAdmin"
        Effect = "Deny"
        Action = concat(local.archive_configuration_writes, local.key_administration, [
          "s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectLegalHold", "s3:PutObjectRetention",
        ])
        Resource  = [local.archive_arn, "${local.archive_arn}/*", "arn:aws:kms:*:${var.accounts["log-archive"]}:key/*"]
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["archive-admin"] } }
      }]
    }

    protect-keys = {
      targets = ["keys"]
      statements = [
        {
          Sid       = "OnlyKeyAdmin"
          Effect    = "Deny"
          Action    = local.key_administration
          Resource  = "*"
          Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["key-admin"] } }
        },
        {
          Sid      = "NobodyHereUsesKeys"
          Effect   = "Deny"
          Action   = ["kms:Decrypt", "kms:ReEncrypt*", "kms:CreateGrant"]
          Resource = "*"
        },
      ]
    }

    protect-data = {
      targets = ["data"]
      statements = [
        {
          Sid    = "OnlyDataAdmin"
          Effect = "Deny"
          Action = [
            "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutReplicationConfiguration", "s3:CreateAccessPoint", "s3:PutAccessPointPolicy",
            "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy",
            "sqs:SetQueueAttributes", "sqs:AddPermission", "sqs:RemovePermission",
          ]
          Resource  = "*"
          Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["data-admin"] } }
        },
        {
          Sid    = "NoCopies"
          Effect = "Deny"
          Action = [
            "dynamodb:CreateBackup", "dynamodb:CreateTableReplica", "dynamodb:EnableKinesisStreamingDestination", "dynamodb:ExportTableToPointInTime", "dynamodb:GetRecords", "dynamodb:ReadDataForReplication", "dynamodb:RestoreTable*", "dynamodb:WriteDataForReplication",
            "s3:CreateAccessGrantsInstance", "s3:CreateJob", "s3:GetDataAccess", "secretsmanager:ReplicateSecretToRegions",
          ]
          Resource = "*"
        },
      ]
    }

    workload-limits = {
      targets = ["workloads"]
      statements = [{
        Sid      = "NoLongLivedCredentials"
        Effect   = "Deny"
        Action   = ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"]
        Resource = "*"
      }]
    }
  }

  targets = merge(
    { root = local.root_id },
    { for name, unit in aws_organizations_organizational_unit.top : name => unit.id if name != "data" },
    var.accounts,
  )

  attachments = merge([
    for name, policy in local.service_control_policies : { for target in policy.targets : "${name} ${target}" => { policy = name, target = target } }
  ]...)

  # Requests by anyone but a principal of the organization or an AWS service are refused, whatever the resource says.
  outside_organization = {
    StringNotEqualsIfExists = { "aws:PrincipalOrgID" = local.org_id }
    BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
  }

  resource_control_policies = {
    organization-identities = [
      {
        Sid       = "OnlyOrganizationPrincipals"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["dynamodb:*", "ecr:*", "kms:*", "logs:*", "s3:*", "secretsmanager:*", "sqs:*"]
        Resource  = "*"
        Condition = local.outside_organization
      },
      {
        Sid       = "OnlyKnownAccountsAssumeRoles"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sts:AssumeRole"
        Resource  = "*"
        Condition = {
          StringNotEqualsIfExists = { "aws:PrincipalOrgID" = local.org_id, "aws:PrincipalAccount" = var.vendor_account }
          BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
    ]

    services-act-for-us = [{
      Sid       = "NoConfusedDeputy"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["dynamodb:*", "ecr:*", "kms:*", "logs:*", "s3:*", "secretsmanager:*", "sqs:*"]
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = { "aws:SourceOrgID" = local.org_id }
        Null                    = { "aws:SourceAccount" = "false" }
        Bool                    = { "aws:PrincipalIsAWSService" = "true" }
      }
    }]

    # Reads of which CloudTrail's pages do not say whether it records them. Nobody here searches vectors or replicates;
    # the service-linked role by which DynamoDB replicates is bound by no such policy.
    recorded-reads = [{
      Sid       = "OnlyRecordedReads"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["dynamodb:ReadDataForReplication", "dynamodb:SearchVectors", "s3:GetObjectVersionForReplication"]
      Resource  = "*"
    }]

    transport = [{
      Sid       = "OnlyTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["dynamodb:*", "ecr:*", "kms:*", "logs:*", "s3:*", "secretsmanager:*", "sqs:*"]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:SecureTransport" = "false" } }
    }]
  }
}

resource "aws_organizations_policy" "service_control" {
  for_each = local.service_control_policies
  provider = aws.management
  name     = each.key
  type     = "SERVICE_CONTROL_POLICY"
  content  = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })

  depends_on = [aws_organizations_organization.acme]
}

resource "aws_organizations_policy_attachment" "service_control" {
  for_each   = local.attachments
  provider   = aws.management
  policy_id  = aws_organizations_policy.service_control[each.value.policy].id
  target_id  = local.targets[each.value.target]
  depends_on = [aws_organizations_account.member]
}

resource "aws_organizations_policy" "resource_control" {
  for_each = local.resource_control_policies
  provider = aws.management
  name     = each.key
  type     = "RESOURCE_CONTROL_POLICY"
  content  = jsonencode({ Version = "2012-10-17", Statement = each.value })

  depends_on = [aws_organizations_organization.acme]
}

resource "aws_organizations_policy_attachment" "resource_control" {
  for_each   = local.resource_control_policies
  provider   = aws.management
  policy_id  = aws_organizations_policy.resource_control[each.key].id
  target_id  = local.root_id
  depends_on = [aws_organizations_account.member]
}
