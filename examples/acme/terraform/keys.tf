# The second plane: keys live in an account of their own, apart from the data and from those who use it. No statement
# delegates to the account's root, so identity policies alone open nothing here.

locals {
  key_administration = [
    "kms:PutKeyPolicy", "kms:EnableKey", "kms:DisableKey", "kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:RevokeGrant", "kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias",
    "kms:UpdateKeyDescription", "kms:TagResource", "kms:UntagResource", "kms:ReplicateKey", "kms:UpdatePrimaryRegion",
  ]
  key_views = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListResourceTags"]

  key_use = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant"]

  key_statements = { for name, account in { "key-admin" = "keys", "archive-admin" = "log-archive" } : name => [
    {
      Sid       = "Administer"
      Effect    = "Allow"
      Principal = { AWS = local.roles[name] }
      Action    = concat(local.key_administration, local.key_views)
      Resource  = "*"
    },
    {
      Sid       = "ReadConfiguration"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.accounts[account]}:role/platform/org-reader" }
      Action    = local.key_views
      Resource  = "*"
    },
  ] }

  # One statement a use: who, what, through which service; only for members of the organization.
  key_grants = { for name, use in {
    "reader decrypts"  = { sid = "ReaderDecrypts", role = "claims-reader", action = "kms:Decrypt", service = "s3" }
    "writer encrypts"  = { sid = "WriterEncrypts", role = "payments-writer", action = "kms:GenerateDataKey", service = "s3" }
    "reader opens"     = { sid = "ReaderOpens", role = "claims-reader", action = "kms:Decrypt", service = "secretsmanager" }
    "analyst decrypts" = { sid = "AnalystDecrypts", role = "log-reader", action = "kms:Decrypt", service = "s3" }
    } : name => {
    Sid       = use.sid
    Effect    = "Allow"
    Principal = { AWS = local.roles[use.role] }
    Action    = use.action
    Resource  = "*"
    Condition = { StringEquals = { "kms:ViaService" = "${use.service}.${var.region}.amazonaws.com", "aws:PrincipalOrgID" = local.org_id } }
  } }

  # Grants are made outside the key policy, so nobody makes any.
  no_other_use = { for name, roles in {
    records = [local.roles["claims-reader"], local.roles["payments-writer"]]
    secrets = [local.roles["claims-reader"]]
    } : name => {
    Sid       = "NobodyElseUses"
    Effect    = "Deny"
    Principal = "*"
    Action    = local.key_use
    Resource  = "*"
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = roles } }
  } }

  records_key_statements = concat(local.key_statements["key-admin"], [local.key_grants["reader decrypts"], local.key_grants["writer encrypts"], local.no_other_use["records"]])
  secrets_key_statements = concat(local.key_statements["key-admin"], [local.key_grants["reader opens"], local.no_other_use["secrets"]])
  secret_key_arn         = aws_kms_key.secrets.arn
}

resource "aws_kms_key" "records" {
  provider                = aws.keys
  description             = "customer-records"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode({ Version = "2012-10-17", Statement = local.records_key_statements })
  depends_on              = [aws_organizations_account.member]
}

resource "aws_kms_alias" "records" {
  provider      = aws.keys
  name          = "alias/customer-records"
  target_key_id = aws_kms_key.records.key_id
}

resource "aws_kms_key" "secrets" {
  provider                = aws.keys
  description             = "claims-credential"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode({ Version = "2012-10-17", Statement = local.secrets_key_statements })
  depends_on              = [aws_organizations_account.member]
}

resource "aws_kms_alias" "secrets" {
  provider      = aws.keys
  name          = "alias/claims-credential"
  target_key_id = aws_kms_key.secrets.key_id
}
