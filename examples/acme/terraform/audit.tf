# Evidence: one organization trail, delivered to an account that runs nothing, under a lock that binds its own
# administrators too.

locals {
  archive_arn = "arn:aws:s3:::acme-log-archive"
  trail_arn   = "arn:aws:cloudtrail:${var.region}:${var.accounts["management"]}:trail/org-trail"
  lock_mode   = "COMPLIANCE"

  trail_selectors = [
    { name = "management events", fields = [{ field = "eventCategory", equals = ["Management"], starts_with = null }] },
    { name = "customer-records", fields = [
      { field = "eventCategory", equals = ["Data"], starts_with = null },
      { field = "resources.type", equals = ["AWS::S3::Object"], starts_with = null },
      { field = "resources.ARN", equals = null, starts_with = ["${local.records_arn}/"] },
    ] },
    { name = "claims-cases", fields = [
      { field = "eventCategory", equals = ["Data"], starts_with = null },
      { field = "resources.type", equals = ["AWS::DynamoDB::Table"], starts_with = null },
      { field = "resources.ARN", equals = null, starts_with = [local.cases_arn] },
    ] },
    { name = "record-events", fields = [
      { field = "eventCategory", equals = ["Data"], starts_with = null },
      { field = "resources.type", equals = ["AWS::SQS::Queue"], starts_with = null },
      { field = "resources.ARN", equals = [local.events_arn], starts_with = null },
    ] },
  ]

  archive_trail_checks = {
    Sid       = "TrailChecks"
    Effect    = "Allow"
    Principal = { Service = "cloudtrail.amazonaws.com" }
    Action    = "s3:GetBucketAcl"
    Resource  = local.archive_arn
    Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
  }
  archive_trail_writes = {
    Sid       = "TrailWrites"
    Effect    = "Allow"
    Principal = { Service = "cloudtrail.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = ["${local.archive_arn}/AWSLogs/${var.accounts["management"]}/*", "${local.archive_arn}/AWSLogs/${local.org_id}/*"]
    Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn, "s3:x-amz-acl" = "bucket-owner-full-control" } }
  }
  archive_services_write = {
    Sid       = "FlowLogsAndConfigurationWrite"
    Effect    = "Allow"
    Principal = { Service = ["delivery.logs.amazonaws.com", "config.amazonaws.com"] }
    Action    = "s3:PutObject"
    Resource  = ["${local.archive_arn}/flow/*", "${local.archive_arn}/config/*"]
    Condition = { StringEquals = { "aws:SourceOrgID" = local.org_id } }
  }
  archive_readers = [{
    Sid       = "AnalystsRead"
    Effect    = "Allow"
    Principal = { AWS = local.roles["log-reader"] }
    Action    = ["s3:GetObject", "s3:ListBucket"]
    Resource  = [local.archive_arn, "${local.archive_arn}/*"]
    Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
  }]
  archive_only_services_write = {
    Sid       = "OnlyServicesWrite"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["s3:AbortMultipartUpload", "s3:PutObject"]
    Resource  = "${local.archive_arn}/*"
    Condition = { BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }
  }
  # Whatever is neither reading, nor a service's writing, nor the administrator's configuring, is refused to everybody:
  # deleting, tagging, restoring, replicating, changing a lock, and what S3 will add.
  archive_nobody_alters = merge({
    Sid       = "NobodyAlters"
    Effect    = "Deny"
    Principal = "*"
    NotAction = concat(local.bucket_configuration_reads, local.archive_configuration_writes, [
      "s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "s3:ListMultipartUploadParts", "s3:PutObject",
    ])
    Resource = [local.archive_arn, "${local.archive_arn}/*"]
  }, local.archive_alterers)
  archive_alterers = {}
  archive_administration = {
    Sid       = "OnlyArchiveAdminConfigures"
    Effect    = "Deny"
    Principal = "*"
    Action    = local.archive_configuration_writes
    Resource  = local.archive_arn
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["archive-admin"] } }
  }
  archive_configuration_writes = concat(local.bucket_configuration_writes, ["s3:PutInventoryConfiguration", "s3:PutLifecycleConfiguration"])

  archive_statements = concat(
    [local.archive_trail_checks, local.archive_trail_writes, local.archive_services_write], local.archive_readers,
    [local.archive_only_services_write, local.archive_nobody_alters, local.archive_administration,
    merge(local.transport, { Action = "s3:*", Resource = [local.archive_arn, "${local.archive_arn}/*"] })],
  )

  archive_key_statements = concat(local.key_statements["archive-admin"], [
    {
      Sid       = "TrailEncrypts"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = {
        StringEquals = { "aws:SourceArn" = local.trail_arn }
        StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${var.accounts["management"]}:trail/*" }
      }
    },
    {
      Sid       = "ServicesEncrypt"
      Effect    = "Allow"
      Principal = { Service = ["delivery.logs.amazonaws.com", "config.amazonaws.com"] }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceOrgID" = local.org_id } }
    },
    local.key_grants["analyst decrypts"],
  ])
}

resource "aws_kms_key" "archive" {
  provider                = aws.log-archive
  description             = "log-archive"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode({ Version = "2012-10-17", Statement = local.archive_key_statements })
  depends_on              = [aws_organizations_account.member]
}

resource "aws_kms_alias" "archive" {
  provider      = aws.log-archive
  name          = "alias/log-archive"
  target_key_id = aws_kms_key.archive.key_id
}

resource "aws_s3_bucket" "archive" {
  provider            = aws.log-archive
  bucket              = "acme-log-archive"
  object_lock_enabled = true
  depends_on          = [aws_organizations_account.member]
}

resource "aws_s3_bucket_policy" "archive" {
  provider = aws.log-archive
  bucket   = aws_s3_bucket.archive.id
  policy   = jsonencode({ Version = "2012-10-17", Statement = local.archive_statements })
}

resource "aws_s3_bucket_public_access_block" "archive" {
  provider                = aws.log-archive
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "archive" {
  provider = aws.log-archive
  bucket   = aws_s3_bucket.archive.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_s3_bucket_versioning" "archive" {
  provider = aws.log-archive
  bucket   = aws_s3_bucket.archive.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_object_lock_configuration" "archive" {
  provider = aws.log-archive
  bucket   = aws_s3_bucket.archive.id
  rule {
    default_retention {
      mode = local.lock_mode
      days = 400
    }
  }
  depends_on = [aws_s3_bucket_versioning.archive]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  provider = aws.log-archive
  bucket   = aws_s3_bucket.archive.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.archive.arn
    }
  }
}

resource "aws_cloudtrail" "organization" {
  provider                      = aws.management
  name                          = "org-trail"
  s3_bucket_name                = aws_s3_bucket.archive.id
  kms_key_id                    = aws_kms_key.archive.arn
  is_organization_trail         = true
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  # The emulator does not know the call by which the provider starts a trail: the task that builds the example starts it.
  enable_logging = !var.local

  dynamic "advanced_event_selector" {
    for_each = local.trail_selectors
    content {
      name = advanced_event_selector.value.name
      dynamic "field_selector" {
        for_each = advanced_event_selector.value.fields
        content {
          field       = field_selector.value.field
          equals      = field_selector.value.equals
          starts_with = field_selector.value.starts_with
        }
      }
    }
  }
  depends_on = [aws_s3_bucket_policy.archive]
}
