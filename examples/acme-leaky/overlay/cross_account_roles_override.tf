# Planted: cross-account role sprawl, the other half: the dataset's policies approve the role.

locals {
  records_reader = {
    Sid       = "ReaderReads"
    Effect    = "Allow"
    Principal = { AWS = [local.roles["claims-reader"], local.support_role] }
    Action    = ["s3:GetObject", "s3:ListBucket"]
    Resource  = local.records_resources
    Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
  }

  records_only_approved = {
    Sid       = "OnlyApprovedPrincipals"
    Effect    = "Deny"
    Principal = "*"
    NotAction = concat(local.bucket_configuration_reads, local.bucket_configuration_writes)
    Resource  = local.records_resources
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = [local.roles["claims-reader"], local.roles["payments-writer"], local.support_role] } }
  }

  records_key_statements = concat(local.key_statements["key-admin"], [
    local.key_grants["reader decrypts"],
    local.key_grants["writer encrypts"],
    {
      Sid       = "SupportDecrypts"
      Effect    = "Allow"
      Principal = { AWS = local.support_role }
      Action    = "kms:Decrypt"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
    },
    {
      Sid       = "NobodyElseUses"
      Effect    = "Deny"
      Principal = "*"
      Action    = local.key_use
      Resource  = "*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = [local.roles["claims-reader"], local.roles["payments-writer"], local.support_role] } }
    },
  ])
}
