# The datasets. Each policy says four things: who may (Allow), that nobody else may (Deny by principal), from where
# (Deny by endpoint), and who may change all this (Deny of administration). Reading the configuration stays open to
# the account's own roles, so that inventories and AWS Config keep working.

locals {
  records_name = "acme-customer-records"
  records_arn  = "arn:aws:s3:::acme-customer-records"
  cases_arn    = "arn:aws:dynamodb:${var.region}:${var.accounts["data"]}:table/acme-claims-cases"
  events_arn   = "arn:aws:sqs:${var.region}:${var.accounts["data"]}:acme-record-events"

  bucket_configuration_reads = [
    "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
    "s3:GetInventoryConfiguration", "s3:GetAnalyticsConfiguration", "s3:GetMetricsConfiguration", "s3:GetAccelerateConfiguration", "s3:GetIntelligentTieringConfiguration",
  ]
  # Without lifecycle rules and inventories: those delete and list objects, which administrators of a dataset may not.
  bucket_configuration_writes = [
    "s3:PutBucket*", "s3:DeleteBucketPolicy", "s3:DeleteBucketWebsite", "s3:PutEncryptionConfiguration", "s3:PutReplicationConfiguration",
    "s3:PutAnalyticsConfiguration", "s3:PutMetricsConfiguration", "s3:PutAccelerateConfiguration", "s3:PutIntelligentTieringConfiguration",
  ]

  table_configuration  = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:GetResourcePolicy", "dynamodb:ListTagsOfResource", "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "dynamodb:TagResource", "dynamodb:UntagResource"]
  secret_configuration = ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy", "secretsmanager:TagResource", "secretsmanager:UntagResource"]
  # Amazon SQS takes at most seven actions in one statement ("Amazon SQS policy quotas").
  queue_configuration = ["sqs:GetQueue*", "sqs:ListDeadLetterSourceQueues", "sqs:ListQueueTags", "sqs:*Permission", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]

  # The endpoints by the store that they lead to.
  claims_s3_endpoint       = aws_vpc_endpoint.claims_gateway["s3"].id
  claims_dynamodb_endpoint = aws_vpc_endpoint.claims_gateway["dynamodb"].id
  claims_secrets_endpoint  = aws_vpc_endpoint.claims_interface["secretsmanager"].id
  claims_sqs_endpoint      = aws_vpc_endpoint.claims_interface["sqs"].id
  payments_s3_endpoint     = aws_vpc_endpoint.payments_gateway["s3"].id

  transport = { Sid = "OnlyTls", Effect = "Deny", Principal = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }
}

# ---- customer-records: a bucket under a key of the keys account

locals {
  records_resources = [local.records_arn, "${local.records_arn}/*"]

  records_reader = {
    Sid       = "ReaderReads"
    Effect    = "Allow"
    Principal = { AWS = local.roles["claims-reader"] }
    Action    = ["s3:GetObject", "s3:ListBucket"]
    Resource  = local.records_resources
    Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
  }
  records_writer = {
    Sid       = "WriterWrites"
    Effect    = "Allow"
    Principal = { AWS = local.roles["payments-writer"] }
    Action    = "s3:PutObject"
    Resource  = "${local.records_arn}/*"
    Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
  }
  records_only_approved = {
    Sid       = "OnlyApprovedPrincipals"
    Effect    = "Deny"
    Principal = "*"
    NotAction = concat(local.bucket_configuration_reads, local.bucket_configuration_writes)
    Resource  = local.records_resources
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = [local.roles["claims-reader"], local.roles["payments-writer"]] } }
  }
  records_reader_network = {
    Sid       = "ReaderOnlyFromClaims"
    Effect    = "Deny"
    Principal = "*"
    NotAction = concat(local.bucket_configuration_reads, local.bucket_configuration_writes)
    Resource  = local.records_resources
    Condition = {
      ArnEquals       = { "aws:PrincipalArn" = local.roles["claims-reader"] }
      StringNotEquals = { "aws:SourceVpce" = local.claims_s3_endpoint }
    }
  }
  records_writer_network = {
    Sid       = "WriterOnlyFromPayments"
    Effect    = "Deny"
    Principal = "*"
    NotAction = concat(local.bucket_configuration_reads, local.bucket_configuration_writes)
    Resource  = local.records_resources
    Condition = {
      ArnEquals       = { "aws:PrincipalArn" = local.roles["payments-writer"] }
      StringNotEquals = { "aws:SourceVpce" = local.payments_s3_endpoint }
    }
  }
  records_only_key = {
    Sid       = "OnlyUnderTheKey"
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:PutObject"
    Resource  = "${local.records_arn}/*"
    Condition = { StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = aws_kms_key.records.arn } }
  }
  records_administration = {
    Sid       = "OnlyDataAdminConfigures"
    Effect    = "Deny"
    Principal = "*"
    Action    = local.bucket_configuration_writes
    Resource  = local.records_arn
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["data-admin"] } }
  }

  records_statements = [
    local.records_reader, local.records_writer, local.records_only_approved, local.records_reader_network, local.records_writer_network,
    local.records_only_key, local.records_administration, merge(local.transport, { Action = "s3:*", Resource = local.records_resources }),
  ]
}

resource "aws_s3_bucket" "records" {
  provider   = aws.data
  bucket     = local.records_name
  tags       = { "data-class" = "restricted" }
  depends_on = [aws_organizations_account.member]
}

resource "aws_s3_bucket_policy" "records" {
  provider = aws.data
  bucket   = aws_s3_bucket.records.id
  policy   = jsonencode({ Version = "2012-10-17", Statement = local.records_statements })
}

resource "aws_s3_bucket_public_access_block" "records" {
  provider                = aws.data
  bucket                  = aws_s3_bucket.records.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "records" {
  provider = aws.data
  bucket   = aws_s3_bucket.records.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_s3_bucket_versioning" "records" {
  provider = aws.data
  bucket   = aws_s3_bucket.records.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "records" {
  provider = aws.data
  bucket   = aws_s3_bucket.records.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.records.arn
    }
  }
}

resource "aws_s3_bucket_notification" "records" {
  provider = aws.data
  bucket   = aws_s3_bucket.records.id
  queue {
    id        = "new-records"
    queue_arn = aws_sqs_queue.events.arn
    events    = ["s3:ObjectCreated:*"]
  }
  depends_on = [aws_sqs_queue_policy.events]
}

# ---- claims-cases: a table under the key that DynamoDB itself owns, so that only its policy and the endpoint hold it.

locals {
  cases_resources = [local.cases_arn, "${local.cases_arn}/index/*"]

  cases_workers = {
    Sid       = "WorkersWork"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.accounts["claims"]}:root" }
    Action    = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    Resource  = local.cases_resources
    Condition = { ArnLike = { "aws:PrincipalArn" = local.roles["claims-workers"] } }
  }
  cases_only_approved = {
    Sid       = "OnlyApprovedPrincipals"
    Effect    = "Deny"
    Principal = "*"
    NotAction = local.table_configuration
    Resource  = local.cases_resources
    Condition = { ArnNotLike = { "aws:PrincipalArn" = local.roles["claims-workers"] } }
  }
  cases_network = {
    Sid       = "OnlyFromClaims"
    Effect    = "Deny"
    Principal = "*"
    NotAction = local.table_configuration
    Resource  = local.cases_resources
    Condition = { StringNotEquals = { "aws:SourceVpce" = local.claims_dynamodb_endpoint } }
  }
  cases_administration = {
    Sid       = "OnlyDataAdminConfigures"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "dynamodb:TagResource", "dynamodb:UntagResource"]
    Resource  = local.cases_arn
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["data-admin"] } }
  }
  cases_statements = [local.cases_workers, local.cases_only_approved, local.cases_network, local.cases_administration]
}

resource "aws_dynamodb_table" "cases" {
  provider                    = aws.data
  name                        = "acme-claims-cases"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "case"
  deletion_protection_enabled = true
  point_in_time_recovery { enabled = true }
  attribute {
    name = "case"
    type = "S"
  }
  tags       = { "data-class" = "confidential" }
  depends_on = [aws_organizations_account.member]
}

resource "aws_dynamodb_resource_policy" "cases" {
  provider     = aws.data
  resource_arn = aws_dynamodb_table.cases.arn
  policy       = jsonencode({ Version = "2012-10-17", Statement = local.cases_statements })
}

# ---- claims-credential: a secret under a key of the keys account. Terraform makes the secret, never its value.

locals {
  credential_reader = {
    Sid       = "ReaderReads"
    Effect    = "Allow"
    Principal = { AWS = local.roles["claims-reader"] }
    Action    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    Resource  = "*"
    Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
  }
  credential_only_approved = {
    Sid       = "OnlyApprovedPrincipals"
    Effect    = "Deny"
    Principal = "*"
    NotAction = local.secret_configuration
    Resource  = "*"
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["claims-reader"] } }
  }
  credential_network = {
    Sid       = "OnlyFromClaims"
    Effect    = "Deny"
    Principal = "*"
    NotAction = local.secret_configuration
    Resource  = "*"
    Condition = { StringNotEquals = { "aws:SourceVpce" = local.claims_secrets_endpoint } }
  }
  credential_administration = {
    Sid       = "OnlyDataAdminConfigures"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy", "secretsmanager:TagResource", "secretsmanager:UntagResource"]
    Resource  = "*"
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["data-admin"] } }
  }
  credential_statements = [local.credential_reader, local.credential_only_approved, local.credential_network, local.credential_administration]
}

resource "aws_secretsmanager_secret" "credential" {
  provider   = aws.data
  name       = "claims/registry-credential"
  kms_key_id = local.secret_key_arn
  tags       = { "data-class" = "restricted" }
  depends_on = [aws_organizations_account.member]
}

resource "aws_secretsmanager_secret_policy" "credential" {
  provider   = aws.data
  secret_arn = aws_secretsmanager_secret.credential.arn
  policy     = jsonencode({ Version = "2012-10-17", Statement = local.credential_statements })
}

# ---- record-events: a queue that S3 itself writes to, when a record arrives

locals {
  events_from_s3 = {
    Sid       = "NewRecords"
    Effect    = "Allow"
    Principal = { Service = "s3.amazonaws.com" }
    Action    = "sqs:SendMessage"
    Resource  = local.events_arn
    Condition = {
      ArnEquals    = { "aws:SourceArn" = local.records_arn }
      StringEquals = { "aws:SourceAccount" = var.accounts["data"] }
    }
  }
  events_reader = {
    Sid       = "ReaderReceives"
    Effect    = "Allow"
    Principal = { AWS = local.roles["claims-reader"] }
    Action    = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    Resource  = local.events_arn
    Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
  }
  events_only_approved = [{
    Sid       = "OnlyApprovedPrincipals"
    Effect    = "Deny"
    Principal = "*"
    NotAction = local.queue_configuration
    Resource  = local.events_arn
    Condition = {
      ArnNotEquals = { "aws:PrincipalArn" = local.roles["claims-reader"] }
      BoolIfExists = { "aws:PrincipalIsAWSService" = "false" }
    }
  }]
  events_network = {
    Sid       = "OnlyFromClaims"
    Effect    = "Deny"
    Principal = "*"
    NotAction = local.queue_configuration
    Resource  = local.events_arn
    Condition = {
      StringNotEquals = { "aws:SourceVpce" = local.claims_sqs_endpoint }
      BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
    }
  }
  events_services = {
    Sid       = "ServicesOnlyForThisAccount"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sqs:*"
    Resource  = local.events_arn
    Condition = {
      Bool            = { "aws:PrincipalIsAWSService" = "true" }
      StringNotEquals = { "aws:SourceAccount" = var.accounts["data"] }
    }
  }
  events_administration = {
    Sid       = "OnlyDataAdminConfigures"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["sqs:AddPermission", "sqs:RemovePermission", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]
    Resource  = local.events_arn
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["data-admin"] } }
  }
  events_statements = concat([local.events_from_s3, local.events_reader], local.events_only_approved, [local.events_network, local.events_services, local.events_administration])
}

resource "aws_sqs_queue" "events" {
  provider                = aws.data
  name                    = "acme-record-events"
  sqs_managed_sse_enabled = true
  tags                    = { "data-class" = "internal" }
  depends_on              = [aws_organizations_account.member]
}

resource "aws_sqs_queue_policy" "events" {
  provider  = aws.data
  queue_url = aws_sqs_queue.events.id
  policy    = jsonencode({ Version = "2012-10-17", Statement = local.events_statements })
}
